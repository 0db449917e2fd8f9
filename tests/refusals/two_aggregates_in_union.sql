/*+++
title = { sv = "a", en = "b" }
+++*/
-- Two aggregates cross the door under a UNION.
SELECT sex AS what, count(*) AS n FROM participation GROUP BY sex UNION ALL SELECT education AS what, count(*) AS n FROM participation GROUP BY education
