/*+++
title = { sv = "Avslut efter kön och resultat", en = "Exits by sex and outcome" }
order = 2

[columns]
outcome = { sv = "Utfall", en = "Outcome", codes = "outcome" }
+++*/
SELECT f.sex, CASE WHEN f.exit_state IN ('work', 'studies', 'own_business') THEN 'work_or_studies' ELSE 'other' END AS outcome,
       count(*) AS participations
FROM   participation f JOIN project p USING (project)
WHERE  f.exit_state IS NOT NULL AND p.enrols
GROUP  BY f.sex, outcome
