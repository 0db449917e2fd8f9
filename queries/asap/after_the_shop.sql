/*+++
title = { sv = "Resultat för dem som arbetstränade i butiken Bruksam", en = "Outcomes of those who trained in the Bruksam shop" }
order = 6

[columns]
participations = { sv = "Deltaganden", en = "Participations" }
+++*/
SELECT f.exit_state, count(*) AS participations
FROM   participation f
WHERE  f.project = 'asap' AND f.entry = 1 AND f.exit_state IS NOT NULL
AND    EXISTS (SELECT 1 FROM activity a
               WHERE a.participant = f.participant AND a.contribution = f.contribution AND a.workplace = 'bruksam')
GROUP  BY f.exit_state
