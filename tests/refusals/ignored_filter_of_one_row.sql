/*+++
title = { sv = "a", en = "b" }
+++*/
-- FILTER belongs to aggregates: a function of one row would be computed for all.
SELECT project, count(*) AS n FROM participation WHERE coalesce(age, 0) FILTER (WHERE sex = 'male') > 20 GROUP BY project
