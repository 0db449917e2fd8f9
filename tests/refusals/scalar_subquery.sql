/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, count(*) AS n
FROM   participation
WHERE  age > (SELECT avg(age) FROM participation)
GROUP  BY sex
