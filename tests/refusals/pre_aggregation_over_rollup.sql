/*+++
title = { sv = "a", en = "b" }
+++*/
-- ROLLUP of the unit has a grand total among its rows.
SELECT count(*) AS n FROM (SELECT participant, project, count(*) AS k FROM activity GROUP BY ROLLUP (participant, project)) AS q
