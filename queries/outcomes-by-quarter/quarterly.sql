/*+++
title = { sv = "Avslut efter resultat", en = "Exits by outcome" }
order = 1
differs = { from = "outcomes.by_project", sv = "här räknas bara vars och ens första deltagande, så att varje kvartal kan publiceras för sig; där upp till tre.", en = "here only each person’s first participation counts, so that each quarter can be published by itself; there up to three." }
+++*/
SELECT f.exit_state, count(*) AS participations
FROM   participation f JOIN project p USING (project)
WHERE  f.exit_state IS NOT NULL AND p.enrols
GROUP  BY f.exit_state
