/*+++
title = { sv = "Utfall efter åldersgrupp", en = "Outcomes by age band" }
order = 3
+++*/
SELECT f.age_band, f.exit_state, count(*) AS participations
FROM   participation f JOIN project p USING (project)
WHERE  f.exit_state IS NOT NULL AND p.enrols
GROUP  BY f.age_band, f.exit_state
