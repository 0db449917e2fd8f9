/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, sum(age) AS total FROM participation GROUP BY sex
