/*+++
title = { sv = "a", en = "b" }
+++*/
-- EXISTS is correlated by project: one person's row decides for the whole project.
SELECT sex, count(*) AS n FROM participation f WHERE EXISTS (SELECT 1 FROM milestone m WHERE m.project = f.project) GROUP BY sex
