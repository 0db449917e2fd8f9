/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT t.n FROM (SELECT sex, count(*) AS n FROM participation GROUP BY sex) t
