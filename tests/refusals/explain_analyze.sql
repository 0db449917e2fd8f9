/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
EXPLAIN ANALYZE SELECT sex, count(*) AS n FROM participation GROUP BY sex
