/*+++
title = { sv = "Hur många som skattade sin hälsa så många gånger eller fler", en = "How many rated their health so many times or more" }
order = 10

[columns]
ratings = { sv = "Skattningar (6: sex eller fler)", en = "Ratings (6: six or more)" }
participations = { sv = "Deltaganden", en = "Participations" }
+++*/
SELECT c.ratings, sum(c.n) OVER (ORDER BY c.ratings DESC) AS participations
FROM   (SELECT least(r.times, 6) AS ratings, count(*) AS n
        FROM   participation f
        JOIN   (SELECT participant, contribution, count(*) AS times
                FROM   rating WHERE area = 'health' AND rater = 'participant' GROUP BY participant, contribution) AS r
               ON f.participant = r.participant AND f.contribution = r.contribution
        WHERE  f.project = 'progress' AND f.entry = 1
        GROUP  BY least(r.times, 6)) AS c
ORDER  BY c.ratings
