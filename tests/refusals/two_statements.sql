/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, count(*) AS n FROM participation GROUP BY sex;
SELECT age_band, count(*) AS n FROM participation GROUP BY age_band
