/*+++
title = { sv = "a", en = "b" }
+++*/
-- UNION without ALL merges rows of different people.
SELECT project, count(*) AS n FROM (SELECT project, sex FROM participation UNION SELECT project, 'female' AS sex FROM activity) AS q GROUP BY project
