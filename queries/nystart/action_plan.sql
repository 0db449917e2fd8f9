/*+++
title = { sv = "Andel med individuell handlingsplan", en = "Share with an individual action plan" }
order = 7
targets = ["nystart-action-plan"]

[columns]
share = { sv = "Andel", en = "Share" }
+++*/
SELECT avg(CASE WHEN m.plans IS NOT NULL THEN 1 ELSE 0 END) AS share
FROM   participation f
LEFT   JOIN (SELECT participant, contribution, count(*) AS plans FROM milestone WHERE step = 'action_plan'
             GROUP BY participant, contribution) AS m
       ON f.participant = m.participant AND f.contribution = m.contribution
WHERE  f.project = 'nystart' AND f.entry = 1
