/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT p.region, count(*) AS n FROM participation f LEFT JOIN project p USING (project) GROUP BY p.region
