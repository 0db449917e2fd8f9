/*+++
title = { sv = "Kombinationer av områden", en = "Combinations of areas" }
order = 3
weight = 0.5

[columns]
combination = { sv = "Kombination", en = "Combination", codes = "area_combination" }
participations = { sv = "Deltaganden", en = "Participations" }
+++*/
SELECT combination, count(*) AS participations
FROM   (SELECT f.participant,
               1 * max(CASE WHEN a.kind = 'motivation' THEN 1 ELSE 0 END)
               + 2 * max(CASE WHEN a.kind = 'vocational_swedish' THEN 1 ELSE 0 END)
               + 4 * max(CASE WHEN a.kind = 'rehabilitation' THEN 1 ELSE 0 END)
               + 8 * max(CASE WHEN a.kind = 'placement_and_education' THEN 1 ELSE 0 END)
               + 16 * max(CASE WHEN a.kind = 'entrepreneurship' THEN 1 ELSE 0 END) AS combination
        FROM   (SELECT participant, contribution FROM participation WHERE project = 'nystart' AND entry = 1) AS f
        JOIN   activity a ON f.participant = a.participant AND f.contribution = a.contribution
        GROUP  BY f.participant) AS person
WHERE  combination >= 1
GROUP  BY combination
