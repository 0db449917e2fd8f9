/*+++
title = { sv = "a", en = "b" }
+++*/
-- OFFSET skips rows of others.
SELECT sex, count(*) AS n FROM (SELECT sex FROM participation ORDER BY start OFFSET 5) AS later GROUP BY sex
