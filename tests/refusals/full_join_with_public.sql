/*+++
title = { sv = "a", en = "b" }
+++*/
-- A full join keeps public rows that no private row meets: one person's row removes another row.
SELECT p.region, count(*) AS n FROM participation f FULL JOIN project p ON f.project = p.project GROUP BY p.region
