/*+++
title = { sv = "a", en = "b" }
+++*/
-- Totals over all people joined back to each row by project.
SELECT f.sex, count(*) AS n FROM participation f JOIN (SELECT project, count(*) AS size FROM participation GROUP BY project) s ON s.project = f.project WHERE s.size > 50 GROUP BY f.sex
