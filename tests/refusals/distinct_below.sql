/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, count(*) AS n FROM (SELECT DISTINCT sex, project FROM participation) GROUP BY sex
