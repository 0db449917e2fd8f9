/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, count(*) AS n
FROM   (SELECT sex, row_number() OVER (PARTITION BY project) AS r FROM participation)
GROUP  BY sex
