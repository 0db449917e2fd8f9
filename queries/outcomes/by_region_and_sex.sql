/*+++
title = { sv = "Utfall efter region och kön", en = "Outcomes by region and sex" }
order = 3

[columns]
outcome = { sv = "Utfall", en = "Outcome", codes = "outcome" }
+++*/
SELECT p.region, f.sex, CASE WHEN f.exit_state IN ('work', 'studies', 'own_business') THEN 'work_or_studies' ELSE 'other' END AS outcome,
       count(*) AS participations
FROM   participation f JOIN project p USING (project)
WHERE  f.exit_state IS NOT NULL AND p.enrols
GROUP  BY p.region, f.sex, outcome
