/*+++
title = { sv = "Andel med trepartssamtal (mål: alla)", en = "Share with a three-party meeting (target: all)" }
order = 5
targets = ["traning-three-party-meeting"]

[columns]
share = { sv = "Andel", en = "Share" }
+++*/
SELECT avg(CASE WHEN m.n IS NOT NULL THEN 1 ELSE 0 END) AS share
FROM   participation f
LEFT   JOIN (SELECT participant, contribution, count(*) AS n FROM milestone WHERE step = 'three_party_meeting'
             GROUP BY participant, contribution) AS m
       ON f.participant = m.participant AND f.contribution = m.contribution
WHERE  f.project = 'traning-ger-fardighet' AND f.entry = 1
