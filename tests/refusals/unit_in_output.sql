/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT participant, count(*) AS n
FROM   participation
GROUP  BY participant
