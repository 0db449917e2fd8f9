/*+++
title = { sv = "Andel till arbete, utbildning eller eget företag, av dem i arbetsträning (mål 40 %) och av de andra", en = "Share to work, education or own business, of those in work training (target 40 %) and of the others" }
order = 2
targets = ["traning-positive-exit"]

[columns]
training = { sv = "Arbetsträning", en = "Work training", codes = "training" }
share = { sv = "Andel", en = "Share" }
+++*/
SELECT CASE WHEN m.trained THEN 'trained' ELSE 'not_trained' END AS training,
       avg(CASE WHEN f.exit_state IN ('work', 'studies', 'own_business') THEN 1 ELSE 0 END) AS share
FROM   participation f
LEFT   JOIN (SELECT participant, contribution, bool_or(step = 'enhanced_work_training') AS trained,
                    bool_or(step = 'social_enterprise_information') AS informed, bool_or(step = 'three_party_meeting') AS met
             FROM   milestone GROUP BY participant, contribution) AS m
       ON f.participant = m.participant AND f.contribution = m.contribution
WHERE  f.project = 'traning-ger-fardighet' AND f.entry = 1
GROUP  BY training
