/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
WITH RECURSIVE r AS (SELECT sex FROM participation UNION ALL SELECT sex FROM r)
SELECT sex, count(*) AS n FROM r GROUP BY sex
