/*+++
title = { sv = "Avslut efter resultat", en = "Exits by outcome" }
order = 1
+++*/
SELECT f.exit_state, count(*) AS participations
FROM   participation f
WHERE  f.project = 'asap' AND f.entry = 1 AND f.exit_state IS NOT NULL
GROUP  BY f.exit_state
