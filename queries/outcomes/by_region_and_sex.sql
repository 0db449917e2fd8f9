/*+++
title = { sv = "Utfall efter region och kön", en = "Outcomes by region and sex" }
order = 2
+++*/
SELECT p.region, f.sex, f.exit_state, count(*) AS participations
FROM   participation f JOIN project p USING (project)
WHERE  f.exit_state IS NOT NULL AND p.enrols
GROUP  BY p.region, f.sex, f.exit_state
