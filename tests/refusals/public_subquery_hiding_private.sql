/*+++
title = { sv = "a", en = "b" }
+++*/
-- The sub-query on the public table is itself filtered by private rows.
SELECT sex, count(*) AS n FROM participation WHERE project IN (SELECT p.project FROM project p WHERE p.project IN (SELECT a.project FROM activity a WHERE a.workplace = 'bruksam')) GROUP BY sex
