/*+++
title = { sv = "Kombinationer av områden, och hur många som gick till arbete, studier eller eget företag", en = "Combinations of areas, and how many went to work, studies or own business" }
order = 3

[columns]
combination = { sv = "Kombination", en = "Combination", codes = "area_combination" }
reached = { sv = "Till arbete, studier eller eget företag", en = "To work, studies or own business" }
participations = { sv = "Deltaganden", en = "Participations" }
positive = { sv = "Därav till arbete, studier eller eget företag", en = "Of these to work, studies or own business" }
n = { sv = "Deltaganden", en = "Participations" }
+++*/
WITH   person AS (SELECT f.exit_state, a.*
                  FROM   participation f
                  JOIN   (SELECT participant, contribution,
                                 bool_or(kind = 'motivation') AS motivation,
                                 bool_or(kind = 'vocational_swedish') AS vocational_swedish,
                                 bool_or(kind = 'rehabilitation') AS rehabilitation,
                                 bool_or(kind = 'placement_and_education') AS placement_and_education,
                                 bool_or(kind = 'entrepreneurship') AS entrepreneurship
                          FROM   activity GROUP BY participant, contribution) AS a
                         ON f.participant = a.participant AND f.contribution = a.contribution
                  WHERE  f.project = 'nystart' AND f.entry = 1)
SELECT combination, sum(n) AS participations, sum(CASE WHEN reached THEN n ELSE 0 END) AS positive
FROM   (SELECT combination, reached, count(*) AS n
        FROM   (SELECT coalesce(exit_state IN ('work', 'studies', 'own_business'), false) AS reached,
                       CASE WHEN motivation THEN 1 ELSE 0 END
                       + CASE WHEN vocational_swedish THEN 2 ELSE 0 END
                       + CASE WHEN rehabilitation THEN 4 ELSE 0 END
                       + CASE WHEN placement_and_education THEN 8 ELSE 0 END
                       + CASE WHEN entrepreneurship THEN 16 ELSE 0 END AS combination
                FROM   person) AS combined
        WHERE  combination >= 1
        GROUP  BY combination, reached) AS counted
GROUP  BY combination
ORDER  BY combination
