/*+++
title = { sv = "Utfall efter hemregion", en = "Outcomes by home region" }
order = 3
differs = { from = "outcomes.by_region_and_sex", sv = "här är regionen den där människor bor, där den där projektet finns.", en = "here the region is where people live, there where the project is." }

[columns]
outcome = { sv = "Utfall", en = "Outcome", codes = "outcome" }
participations = { sv = "Deltaganden", en = "Participations" }
+++*/
SELECT m.region, CASE WHEN f.exit_state IN ('work', 'studies', 'own_business') THEN 'work_or_studies' ELSE 'other' END AS outcome,
       count(*) AS participations
FROM   participation f JOIN municipality m USING (municipality)
WHERE  f.exit_state IS NOT NULL AND m.county IN ('01', '12', '13', '19', '24')
GROUP  BY m.region, outcome
