/*+++
title = { sv = "Hur många som nådde varje steg", en = "How many reached each step" }
order = 4

[columns]
step = { sv = "Steg", en = "Step", codes = "milestone_step" }
participations = { sv = "Deltaganden", en = "Participations" }
+++*/
SELECT step, count(*) AS participations
FROM   (SELECT 'trust' AS step FROM participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM milestone WHERE step = 'trust'
                GROUP BY participant, contribution) AS m
               ON f.participant = m.participant AND f.contribution = m.contribution
        WHERE  f.project = 'asap' AND f.entry = 1
        UNION ALL
        SELECT 'sense_of_coherence' AS step FROM participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM milestone WHERE step = 'sense_of_coherence'
                GROUP BY participant, contribution) AS m
               ON f.participant = m.participant AND f.contribution = m.contribution
        WHERE  f.project = 'asap' AND f.entry = 1
        UNION ALL
        SELECT 'inventory' AS step FROM participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM milestone WHERE step = 'inventory'
                GROUP BY participant, contribution) AS m
               ON f.participant = m.participant AND f.contribution = m.contribution
        WHERE  f.project = 'asap' AND f.entry = 1) AS reached
GROUP  BY step
