/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, count(*) AS n
FROM   participation
WHERE  participant = X'00'
GROUP  BY sex
