/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT who, count(*) AS n
FROM   (SELECT participant AS who, sex FROM participation)
GROUP  BY who
