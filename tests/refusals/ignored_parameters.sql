/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, (count(5)(*)) AS n FROM participation GROUP BY sex
