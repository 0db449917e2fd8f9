/*+++
title = { sv = "Kombinationer av motivation och praktik, och andelen som gick till arbete, studier eller eget företag", en = "Combinations of motivation and placement, and the share that went to work, studies or own business" }
order = 3
weight = 4

[columns]
combination = { sv = "Kombination", en = "Combination", codes = "area_combination" }
reached = { sv = "Till arbete, studier eller eget företag", en = "To work, studies or own business" }
participations = { sv = "Deltaganden", en = "Participations" }
share = { sv = "Andel till arbete, studier eller eget företag", en = "Share to work, studies or own business" }
n = { sv = "Deltaganden", en = "Participations" }
+++*/
WITH   person AS (SELECT f.exit_state, a.*
                  FROM   participation f
                  JOIN   (SELECT participant, contribution,
                                 bool_or(kind = 'motivation') AS motivation,
                                 bool_or(kind = 'placement_and_education') AS placement_and_education
                          FROM   activity GROUP BY participant, contribution) AS a
                         ON f.participant = a.participant AND f.contribution = a.contribution
                  WHERE  f.project = 'nystart' AND f.entry = 1)
SELECT combination, sum(n) AS participations,
       1.0 * sum(CASE WHEN reached THEN n ELSE 0 END) / nullif(sum(n), 0) AS share
FROM   (SELECT CASE WHEN motivation AND placement_and_education THEN 'both' WHEN motivation THEN 'motivation'
                    WHEN placement_and_education THEN 'placement' ELSE 'neither' END AS combination,
               coalesce(exit_state IN ('work', 'studies', 'own_business'), false) AS reached, count(*) AS n
        FROM   person
        GROUP  BY combination, reached) AS counted
GROUP  BY combination
ORDER  BY combination
