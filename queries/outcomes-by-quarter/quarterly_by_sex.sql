/*+++
title = { sv = "Avslut efter kön och resultat", en = "Exits by sex and outcome" }
order = 2
+++*/
SELECT f.sex, f.exit_state, count(*) AS participations
FROM   participation f JOIN project p USING (project)
WHERE  f.exit_state IS NOT NULL AND p.enrols
GROUP  BY f.sex, f.exit_state
