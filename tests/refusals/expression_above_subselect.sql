/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT t.sex, t.n * 1000000 AS n
FROM   (SELECT sex, count(*) AS n FROM participation GROUP BY sex) t
