/*+++
title = { sv = "a", en = "b" }
+++*/
-- row_number over all rows: one person's row shifts the numbers of others.
SELECT count(*) AS n FROM (SELECT row_number() OVER (ORDER BY start) AS r, sex FROM participation) AS q WHERE r <= 100
