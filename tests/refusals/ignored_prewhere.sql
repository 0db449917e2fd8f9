/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, count(*) AS n
FROM   participation
PREWHERE sex = 'male'
GROUP  BY sex
