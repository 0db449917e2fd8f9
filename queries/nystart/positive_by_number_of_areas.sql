/*+++
title = { sv = "Andel till arbete, studier eller eget företag efter hur många områden personen var i", en = "Share to work, studies or own business by how many areas the person was in" }
order = 4
weight = 2

[columns]
areas = { sv = "Antal områden (3: tre eller fler)", en = "Number of areas (3: three or more)" }
share = { sv = "Andel", en = "Share" }
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
SELECT areas, avg(CASE WHEN exit_state IN ('work', 'studies', 'own_business') THEN 1 ELSE 0 END) AS share
FROM   (SELECT exit_state, least(CASE WHEN motivation THEN 1 ELSE 0 END
               + CASE WHEN vocational_swedish THEN 1 ELSE 0 END
               + CASE WHEN rehabilitation THEN 1 ELSE 0 END
               + CASE WHEN placement_and_education THEN 1 ELSE 0 END
               + CASE WHEN entrepreneurship THEN 1 ELSE 0 END, 3) AS areas
        FROM   person) AS counted
WHERE  areas >= 1
GROUP  BY areas
