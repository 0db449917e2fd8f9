/*+++
title = { sv = "Andel till arbete, studier eller eget företag efter område", en = "Share to work, studies or own business by area" }
order = 2

[columns]
area = { sv = "Aktivitetsområde", en = "Area of activity", codes = "activity_kind" }
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
SELECT area, avg(CASE WHEN exit_state IN ('work', 'studies', 'own_business') THEN 1 ELSE 0 END) AS share
FROM   (SELECT 'motivation' AS area, exit_state FROM person WHERE motivation
        UNION ALL SELECT 'vocational_swedish' AS area, exit_state FROM person WHERE vocational_swedish
        UNION ALL SELECT 'rehabilitation' AS area, exit_state FROM person WHERE rehabilitation
        UNION ALL SELECT 'placement_and_education' AS area, exit_state FROM person WHERE placement_and_education
        UNION ALL SELECT 'entrepreneurship' AS area, exit_state FROM person WHERE entrepreneurship) AS reached
GROUP  BY area
