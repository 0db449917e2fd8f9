/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT start, count(*) AS n FROM participation GROUP BY start
