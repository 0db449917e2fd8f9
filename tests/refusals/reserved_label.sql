/*+++
title = { sv = "a", en = "b" }
+++*/
-- Published tables call the sum of all levels so.
SELECT CASE WHEN age < 25 THEN 'young' ELSE 'total' END AS k, count(*) AS n FROM participation GROUP BY ROLLUP (k)
