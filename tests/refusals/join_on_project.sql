/*+++
title = { sv = "a", en = "b" }
+++*/
-- Two private tables joined without the unit: one person meets everybody in the project.
SELECT count(*) AS n FROM participation f JOIN activity a USING (project)
