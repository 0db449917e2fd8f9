/*+++
title = { sv = "Utfall efter projekt", en = "Outcomes by project" }
order = 1
+++*/
SELECT p.project, f.exit_state, count(*) AS participations
FROM   participation f JOIN project p USING (project)
WHERE  f.exit_state IS NOT NULL AND p.enrols
GROUP  BY p.project, f.exit_state
