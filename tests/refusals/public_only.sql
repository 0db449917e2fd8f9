/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT region, count(*) AS n FROM project GROUP BY region
