/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT p.region, count(*) AS n
FROM   participation f JOIN project p ON f.age = p.planned_participants
GROUP  BY p.region
