/*+++
title = { sv = "Hur många som nådde varje steg", en = "How many reached each step" }
order = 4

[columns]
step = { sv = "Steg", en = "Step", codes = "milestone_step" }
participations = { sv = "Deltaganden", en = "Participations" }
+++*/
WITH   person AS (SELECT m.trust, m.coherence, m.inventory
                  FROM   participation f
                  JOIN   (SELECT participant, contribution, bool_or(step = 'trust') AS trust,
                                 bool_or(step = 'sense_of_coherence') AS coherence, bool_or(step = 'inventory') AS inventory
                          FROM   milestone GROUP BY participant, contribution) AS m
                         ON f.participant = m.participant AND f.contribution = m.contribution
                  WHERE  f.project = 'asap' AND f.entry = 1)
SELECT step, count(*) AS participations
FROM   (SELECT 'trust' AS step FROM person WHERE trust
        UNION ALL SELECT 'sense_of_coherence' AS step FROM person WHERE coherence
        UNION ALL SELECT 'inventory' AS step FROM person WHERE inventory) AS reached
GROUP  BY step
