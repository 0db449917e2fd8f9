/*+++
title = { sv = "a", en = "b" }
+++*/
-- FILTER holds a sub-query over a private table.
SELECT project, count(*) FILTER (WHERE age > (SELECT avg(age) FROM participation)) AS n FROM participation GROUP BY project
