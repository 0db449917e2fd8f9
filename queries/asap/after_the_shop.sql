/*+++
title = { sv = "Utfall för dem som arbetstränade i butiken Bruksam", en = "Outcomes of those who trained in the Bruksam shop" }
order = 6

[columns]
outcome = { sv = "Utfall", en = "Outcome", codes = "outcome" }
participations = { sv = "Deltaganden", en = "Participations" }
+++*/
SELECT CASE WHEN f.exit_state IN ('work', 'studies', 'own_business') THEN 'work_or_studies' ELSE 'other' END AS outcome, count(*) AS participations
FROM   participation f
WHERE  f.project = 'asap' AND f.entry = 1 AND f.exit_state IS NOT NULL
AND    EXISTS (SELECT 1 FROM activity a
               WHERE a.participant = f.participant AND a.contribution = f.contribution AND a.workplace = 'bruksam')
GROUP  BY outcome
