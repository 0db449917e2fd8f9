/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT p.region, count(*) AS n FROM participation f CROSS JOIN project p GROUP BY p.region
