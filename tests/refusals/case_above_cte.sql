/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
WITH t AS (SELECT sex, count(*) AS n FROM participation GROUP BY sex)
SELECT sex, CASE WHEN n > 50 THEN 1000000 ELSE 0 END AS n FROM t
