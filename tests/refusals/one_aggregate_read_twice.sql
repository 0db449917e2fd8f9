/*+++
title = { sv = "a", en = "b" }
+++*/
-- A CTE that is referenced twice is planned twice and would be drawn twice.
WITH c AS (SELECT sex, count(*) AS n FROM participation GROUP BY sex) SELECT a.sex, a.n, b.n AS other FROM c a JOIN c b ON a.sex <> b.sex
