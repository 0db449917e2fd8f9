/*+++
title = { sv = "Kedjan: arbetsträning och utfall", en = "The chain: work training and outcome" }
order = 4

[columns]
training = { sv = "Arbetsträning", en = "Work training", codes = "training" }
outcome = { sv = "Utfall", en = "Outcome", codes = "chain_outcome" }
participations = { sv = "Deltaganden", en = "Participations" }
+++*/
SELECT CASE WHEN m.trained THEN 'trained' ELSE 'not_trained' END AS training,
       CASE WHEN f.exit_state IN ('work', 'studies', 'own_business') THEN 'work_or_studies' ELSE 'other' END AS outcome,
       count(*) AS participations
FROM   participation f
LEFT   JOIN (SELECT participant, contribution, bool_or(step = 'enhanced_work_training') AS trained,
                    bool_or(step = 'social_enterprise_information') AS informed, bool_or(step = 'three_party_meeting') AS met
             FROM   milestone GROUP BY participant, contribution) AS m
       ON f.participant = m.participant AND f.contribution = m.contribution
WHERE  f.project = 'traning-ger-fardighet' AND f.entry = 1
GROUP  BY training, outcome
