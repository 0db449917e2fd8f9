/*+++
title = { sv = "Dagar från steget före till detta steg, i medeltal (högst 240)", en = "Days from the step before to this step, on average (at most 240)" }
order = 5

[columns]
step = { sv = "Steg", en = "Step", codes = "milestone_step" }
days = { sv = "Dagar", en = "Days" }
+++*/
WITH   person AS (SELECT m.coherence - m.trust AS to_coherence, m.inventory - m.coherence AS to_inventory
                  FROM   participation f
                  JOIN   (SELECT participant, contribution, min(CASE WHEN step = 'trust' THEN date END) AS trust,
                                 min(CASE WHEN step = 'sense_of_coherence' THEN date END) AS coherence,
                                 min(CASE WHEN step = 'inventory' THEN date END) AS inventory
                          FROM   milestone GROUP BY participant, contribution) AS m
                         ON f.participant = m.participant AND f.contribution = m.contribution
                  WHERE  f.project = 'asap' AND f.entry = 1)
SELECT step, avg(least(greatest(days, 0), 240)) AS days
FROM   (SELECT 'sense_of_coherence' AS step, to_coherence AS days FROM person WHERE to_coherence IS NOT NULL
        UNION ALL SELECT 'inventory' AS step, to_inventory AS days FROM person WHERE to_inventory IS NOT NULL) AS climbed
GROUP  BY step
