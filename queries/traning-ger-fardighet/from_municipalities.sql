/*+++
title = { sv = "Andel deltagare från kommunerna (mål 20–30 %)", en = "Share of participants from the municipalities (target 20–30 %)" }
order = 7
targets = ["traning-municipal"]

[columns]
share = { sv = "Andel", en = "Share" }
+++*/
SELECT avg(CASE WHEN f.referrer = 'municipality' THEN 1 ELSE 0 END) AS share
FROM   participation f
LEFT   JOIN (SELECT participant, contribution, bool_or(step = 'enhanced_work_training') AS trained,
                    bool_or(step = 'social_enterprise_information') AS informed, bool_or(step = 'three_party_meeting') AS met
             FROM   milestone GROUP BY participant, contribution) AS m
       ON f.participant = m.participant AND f.contribution = m.contribution
WHERE  f.project = 'traning-ger-fardighet' AND f.entry = 1
