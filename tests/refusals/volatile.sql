/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, count(*) AS n FROM participation WHERE random() < 0.5 GROUP BY sex
