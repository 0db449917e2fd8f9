/*+++
title = { sv = "Utfall efter samordningsförbund", en = "Outcomes by coordination association" }
order = 5

[columns]
association = { sv = "Samordningsförbund", en = "Coordination association", codes = "association" }
outcome = { sv = "Utfall", en = "Outcome", codes = "outcome" }
participations = { sv = "Deltaganden", en = "Participations" }
+++*/
SELECT a.association, c.outcome, sum(c.n) AS participations
FROM   (SELECT m.municipality, CASE WHEN f.exit_state IN ('work', 'studies', 'own_business') THEN 'work_or_studies' ELSE 'other' END AS outcome,
               count(*) AS n
        FROM   participation f JOIN municipality m USING (municipality)
        WHERE  f.exit_state IS NOT NULL AND m.county IN ('01', '12', '13', '19', '24')
        GROUP  BY m.municipality, outcome) AS c
JOIN   association a ON a.municipality = c.municipality AND a.known_until IS NULL
GROUP  BY a.association, c.outcome
ORDER  BY a.association, c.outcome
