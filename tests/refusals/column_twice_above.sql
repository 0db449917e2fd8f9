/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT t.sex, t.n, t.n AS again FROM (SELECT sex, count(*) AS n FROM participation GROUP BY sex) t
