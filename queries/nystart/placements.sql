/*+++
title = { sv = "Praktikplatser hos arbetsgivare, av 80 ordnade", en = "Placements with employers, of 80 arranged" }
order = 6

[columns]
placements = { sv = "Praktikplatser (högst två per person)", en = "Placements (at most two a person)" }
arranged = { sv = "Ordnade", en = "Arranged" }
+++*/
SELECT c.placements, 80 AS arranged
FROM   (SELECT sum(least(a.n, 2)) AS placements
        FROM   participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM activity
                WHERE kind = 'placement_and_education' AND workplace = 'employer' GROUP BY participant, contribution) AS a
               ON f.participant = a.participant AND f.contribution = a.contribution
        WHERE  f.project = 'nystart' AND f.entry = 1) AS c
