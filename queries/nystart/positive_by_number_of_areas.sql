/*+++
title = { sv = "Andel till arbete, studier eller eget företag efter hur många områden personen var i", en = "Share to work, studies or own business by how many areas the person was in" }
order = 4

[columns]
areas = { sv = "Antal områden (4: fyra eller fem)", en = "Number of areas (4: four or five)" }
share = { sv = "Andel", en = "Share" }
+++*/
SELECT areas, avg(CASE WHEN exit_state IN ('work', 'studies', 'own_business') THEN 1 ELSE 0 END) AS share
FROM   (SELECT f.exit_state, least(a.areas, 4) AS areas
        FROM   participation f
        JOIN   (SELECT participant, contribution,
                       max(CASE WHEN kind = 'motivation' THEN 1 ELSE 0 END)
                       + max(CASE WHEN kind = 'vocational_swedish' THEN 1 ELSE 0 END)
                       + max(CASE WHEN kind = 'rehabilitation' THEN 1 ELSE 0 END)
                       + max(CASE WHEN kind = 'placement_and_education' THEN 1 ELSE 0 END)
                       + max(CASE WHEN kind = 'entrepreneurship' THEN 1 ELSE 0 END) AS areas
                FROM   activity GROUP BY participant, contribution) AS a
               ON f.participant = a.participant AND f.contribution = a.contribution
        WHERE  f.project = 'nystart' AND f.entry = 1 AND a.areas >= 1) AS person
GROUP  BY areas
