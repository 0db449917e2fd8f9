/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, count(DISTINCT participant) AS n FROM participation GROUP BY sex
