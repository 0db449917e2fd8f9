/*+++
title = { sv = "a", en = "b" }
+++*/
-- A row whose number is missing would pass.
SELECT project, n FROM (SELECT project, count(*) AS n FROM participation GROUP BY project) AS q WHERE project NOT IN (SELECT number FROM project) OR n > 100
