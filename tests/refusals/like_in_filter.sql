/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, count(*) AS n FROM participation WHERE office LIKE 'af%' GROUP BY sex
