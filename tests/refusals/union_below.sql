/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, count(*) AS n
FROM   (SELECT sex FROM participation UNION ALL SELECT sex FROM participation)
GROUP  BY sex
