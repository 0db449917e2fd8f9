/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, count(*) AS n FROM (SELECT sex FROM participation LIMIT 5) GROUP BY sex
