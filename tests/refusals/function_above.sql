/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT t.sex, t.n, repeat('x', t.n) AS bar
FROM (SELECT sex, count(*) AS n FROM participation GROUP BY sex) AS t
