/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, count(*) AS n, max(age) AS oldest FROM participation GROUP BY sex
