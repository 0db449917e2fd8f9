/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT age, count(*) AS n
FROM   participation
GROUP  BY age
