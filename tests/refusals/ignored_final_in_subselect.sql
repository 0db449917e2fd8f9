/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT t.sex, t.n
FROM   (SELECT sex, count(*) AS n FROM participation PARTITION (p0) GROUP BY sex) t
