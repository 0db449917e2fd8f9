/*+++
title = { sv = "a", en = "b" }
+++*/
-- The public side is preserved by a left join the other way round.
SELECT p.region, count(*) AS n FROM project p LEFT JOIN participation f ON f.project = p.project GROUP BY p.region
