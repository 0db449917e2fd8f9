/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, count(*) AS n
FROM   participation
WHERE  sqrt(age) > 4
GROUP  BY sex
