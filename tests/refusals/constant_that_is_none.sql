/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, count(*) AS n
FROM   participation
WHERE  start > DATE 'garbage'
GROUP  BY sex
