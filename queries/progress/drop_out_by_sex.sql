/*+++
title = { sv = "Hur många som skattade sin hälsa så många gånger, efter kön", en = "How many rated their health so many times, by sex" }
order = 4

[columns]
ratings = { sv = "Skattningar (6: sex eller fler)", en = "Ratings (6: six or more)" }
participations = { sv = "Deltaganden", en = "Participations" }
+++*/
SELECT f.sex, least(r.times, 6) AS ratings, count(*) AS participations
FROM   participation f
JOIN   (SELECT participant, contribution, count(*) AS times
        FROM   rating WHERE area = 'health' AND rater = 'participant' GROUP BY participant, contribution) AS r
       ON f.participant = r.participant AND f.contribution = r.contribution
WHERE  f.project = 'progress' AND f.entry = 1
GROUP  BY f.sex, least(r.times, 6)
