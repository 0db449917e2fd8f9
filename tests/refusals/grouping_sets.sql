/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, age_band, count(*) AS n FROM participation GROUP BY ROLLUP (sex, age_band)
