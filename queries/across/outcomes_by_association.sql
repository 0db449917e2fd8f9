/*+++
title = { sv = "Utfall efter samordningsförbund", en = "Outcomes by coordination association" }
order = 5

[columns]
association = { sv = "Samordningsförbund", en = "Coordination association", codes = "association" }
outcome = { sv = "Utfall", en = "Outcome", codes = "outcome" }
participations = { sv = "Deltaganden", en = "Participations" }
+++*/
SELECT CASE WHEN m.municipality IN ('1315', '1380', '1381', '1382', '1383', '1384') THEN 'halland'
            WHEN m.municipality IN ('0181') THEN 'sodertalje' WHEN m.municipality IN ('0126') THEN 'huddinge'
            WHEN m.municipality IN ('0127') THEN 'botkyrka' ELSE 'none' END AS association,
       CASE WHEN f.exit_state IN ('work', 'studies', 'own_business') THEN 'work_or_studies' ELSE 'other' END AS outcome, count(*) AS participations
FROM   participation f JOIN municipality m USING (municipality)
WHERE  f.exit_state IS NOT NULL AND m.county IN ('01', '12', '13', '19', '24')
GROUP  BY association, outcome
