/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, count(*) AS n FROM participation WHERE 10 / age > 1 GROUP BY sex
