/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, count(*) * 2 AS n FROM participation GROUP BY sex
