/*+++
title = { sv = "Utfall efter åldersgrupp", en = "Outcomes by age band" }
order = 3
+++*/
SELECT f.age_band, f.exit_state, count(*) AS participations
FROM   participation f
WHERE  f.exit_state IS NOT NULL
GROUP  BY f.age_band, f.exit_state
