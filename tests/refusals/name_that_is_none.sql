/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex AS "Kön", count(*) AS n FROM participation GROUP BY sex
