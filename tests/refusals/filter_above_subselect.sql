/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT t.sex, t.n FROM (SELECT sex, count(*) AS n FROM participation GROUP BY sex) t WHERE t.n > 50
