/*+++
title = { sv = "Andel till arbete, studier eller eget företag efter antal insatser vid sidan av varandra", en = "Share to work, studies or own business by the number of interventions side by side" }
order = 8

[columns]
interventions = { sv = "Insatser (4: fyra eller fler)", en = "Interventions (4: four or more)" }
share = { sv = "Andel", en = "Share" }
+++*/
SELECT a.interventions, avg(CASE WHEN f.exit_state IN ('work', 'studies', 'own_business') THEN 1 ELSE 0 END) AS share
FROM   participation f
JOIN   (SELECT participant, contribution, least(count(*), 4) AS interventions
        FROM   activity GROUP BY participant, contribution) AS a
       ON f.participant = a.participant AND f.contribution = a.contribution
WHERE  f.project = 'progress' AND f.entry = 1 AND f.exit_state IS NOT NULL
GROUP  BY a.interventions
