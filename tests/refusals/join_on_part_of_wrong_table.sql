/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT p.region, count(*) AS n
FROM   participation f JOIN target t ON f.project = t.project JOIN project p ON t.project = p.project
GROUP  BY p.region
