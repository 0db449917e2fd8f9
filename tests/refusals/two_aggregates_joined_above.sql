/*+++
title = { sv = "a", en = "b" }
+++*/
-- Two private aggregates cross the door in one query, with one budget.
SELECT a.project, a.n, b.m FROM (SELECT project, count(*) AS n FROM participation GROUP BY project) a JOIN (SELECT project, count(*) AS m FROM activity GROUP BY project) b ON a.project = b.project
