/*+++
title = { sv = "Dagar från steget före till detta steg, i medeltal (högst 240)", en = "Days from the step before to this step, on average (at most 240)" }
order = 5

[columns]
step = { sv = "Steg", en = "Step", codes = "milestone_step" }
days = { sv = "Dagar", en = "Days" }
+++*/
SELECT step, avg(days) AS days
FROM   (SELECT 'sense_of_coherence' AS step, least(greatest(m.days, 0), 240) AS days FROM participation f
        JOIN   (SELECT participant, contribution,
                       min(CASE WHEN step = 'sense_of_coherence' THEN date END)
                       - min(CASE WHEN step = 'trust' THEN date END) AS days
                FROM   milestone GROUP BY participant, contribution) AS m
               ON f.participant = m.participant AND f.contribution = m.contribution
        WHERE  f.project = 'asap' AND f.entry = 1 AND m.days IS NOT NULL
        UNION ALL
        SELECT 'inventory' AS step, least(greatest(m.days, 0), 240) AS days FROM participation f
        JOIN   (SELECT participant, contribution,
                       min(CASE WHEN step = 'inventory' THEN date END)
                       - min(CASE WHEN step = 'sense_of_coherence' THEN date END) AS days
                FROM   milestone GROUP BY participant, contribution) AS m
               ON f.participant = m.participant AND f.contribution = m.contribution
        WHERE  f.project = 'asap' AND f.entry = 1 AND m.days IS NOT NULL) AS climbed
GROUP  BY step
