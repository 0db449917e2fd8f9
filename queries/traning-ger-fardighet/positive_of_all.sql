/*+++
title = { sv = "Andel till arbete, utbildning eller eget företag efter arbetsträning, av alla", en = "Share to work, education or own business after work training, of all" }
order = 3

[columns]
share = { sv = "Andel", en = "Share" }
+++*/
SELECT avg(CASE WHEN m.n IS NOT NULL AND f.exit_state IN ('work', 'studies', 'own_business') THEN 1 ELSE 0 END) AS share
FROM   participation f
LEFT   JOIN (SELECT participant, contribution, count(*) AS n FROM milestone WHERE step = 'enhanced_work_training'
             GROUP BY participant, contribution) AS m
       ON f.participant = m.participant AND f.contribution = m.contribution
WHERE  f.project = 'traning-ger-fardighet' AND f.entry = 1
