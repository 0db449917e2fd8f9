/*+++
title = { sv = "a", en = "b" }
+++*/
-- The order of a sub-select is not kept: any two rows could be taken.
SELECT project, n FROM (SELECT project, count(*) AS n FROM participation GROUP BY project ORDER BY n DESC) AS q LIMIT 2
