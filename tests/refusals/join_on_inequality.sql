/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT p.region, count(*) AS n
FROM   participation f JOIN project p ON f.project = p.project AND f.start > p.start
GROUP  BY p.region
