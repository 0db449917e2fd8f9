/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT t.sex, (SELECT count(*) FROM participation) AS n
FROM   (SELECT sex, count(*) AS n FROM participation GROUP BY sex) t
