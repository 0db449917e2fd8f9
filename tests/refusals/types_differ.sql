/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, count(*) AS n
FROM   participation
WHERE  age = '30'
GROUP  BY sex
