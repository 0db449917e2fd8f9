/*+++
title = { sv = "Avslut efter resultat", en = "Exits by outcome" }
order = 1

[columns]
outcome = { sv = "Resultat", en = "Outcome", codes = "asap_outcome" }
participations = { sv = "Avslut", en = "Exits" }
+++*/
SELECT CASE f.exit_state WHEN 'work' THEN 'work' WHEN 'studies' THEN 'studies' WHEN 'special_purpose' THEN 'special_purpose'
            ELSE 'other' END AS outcome, count(*) AS participations
FROM   participation f
WHERE  f.project = 'asap' AND f.entry = 1 AND f.exit_state IS NOT NULL
GROUP  BY outcome
