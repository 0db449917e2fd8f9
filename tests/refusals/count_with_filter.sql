/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, count(*) FILTER (WHERE age > 20) AS n FROM participation GROUP BY sex
