/*+++
title = { sv = "Avslut efter resultat", en = "Exits by outcome" }
order = 1
+++*/
SELECT f.exit_state, count(*) AS participations
FROM   participation f JOIN project p USING (project)
WHERE  f.exit_state IS NOT NULL AND p.enrols
GROUP  BY f.exit_state
