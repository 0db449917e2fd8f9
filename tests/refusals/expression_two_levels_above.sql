/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT u.sex, u.n
FROM   (SELECT t.sex, t.n + t.n AS n FROM (SELECT sex, count(*) AS n FROM participation GROUP BY sex) t) u
