/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT a.sex, a.n
FROM   (SELECT sex, count(*) AS n FROM participation GROUP BY sex) a JOIN participation b ON a.sex = b.sex
