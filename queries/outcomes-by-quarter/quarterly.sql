/*+++
title = { sv = "Avslut efter resultat", en = "Exits by outcome" }
order = 1
differs = { from = "outcomes.by_project", sv = "här räknas bara vars och ens första deltagande, så att varje kvartal kan publiceras för sig; där upp till tre.", en = "here only each person’s first participation counts, so that each quarter can be published by itself; there up to three." }

[columns]
outcome = { sv = "Utfall", en = "Outcome", codes = "outcome" }
+++*/
SELECT CASE WHEN f.exit_state IN ('work', 'studies', 'own_business') THEN 'work_or_studies' ELSE 'other' END AS outcome,
       count(*) AS participations
FROM   participation f JOIN project p USING (project)
WHERE  f.exit_state IS NOT NULL AND p.enrols
GROUP  BY outcome
