/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT f.sex, count(*) AS n
FROM   participation f
WHERE  EXISTS (SELECT 1 FROM milestone m WHERE m.participant = f.participant)
GROUP  BY f.sex
