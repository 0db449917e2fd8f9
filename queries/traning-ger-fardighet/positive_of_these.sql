/*+++
title = { sv = "Andel till arbete, utbildning eller eget företag, av dem i arbetsträning (mål 40 %)", en = "Share to work, education or own business, of those in work training (target 40 %)" }
order = 2
targets = ["traning-positive-exit"]

[columns]
share = { sv = "Andel", en = "Share" }
+++*/
SELECT avg(CASE WHEN f.exit_state IN ('work', 'studies', 'own_business') THEN 1 ELSE 0 END) AS share
FROM   participation f
JOIN   (SELECT participant, contribution, count(*) AS n FROM milestone WHERE step = 'enhanced_work_training'
        GROUP BY participant, contribution) AS m
       ON f.participant = m.participant AND f.contribution = m.contribution
WHERE  f.project = 'traning-ger-fardighet' AND f.entry = 1
