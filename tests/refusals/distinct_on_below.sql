/*+++
title = { sv = "a", en = "b" }
+++*/
-- DISTINCT ON keeps one row per project: it depends on who comes first.
SELECT sex, count(*) AS n FROM (SELECT DISTINCT ON (project) project, sex FROM participation ORDER BY project, start) AS q GROUP BY sex
