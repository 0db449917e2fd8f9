/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT t.sex FROM (SELECT sex, count(*) AS n FROM participation GROUP BY sex) t
