/*+++
title = { sv = "Andel informerade om socialt företagande (mål: alla)", en = "Share informed about social enterprise (target: all)" }
order = 4
targets = ["traning-social-enterprise"]

[columns]
share = { sv = "Andel", en = "Share" }
+++*/
SELECT avg(CASE WHEN m.n IS NOT NULL THEN 1 ELSE 0 END) AS share
FROM   participation f
LEFT   JOIN (SELECT participant, contribution, count(*) AS n FROM milestone WHERE step = 'social_enterprise_information'
             GROUP BY participant, contribution) AS m
       ON f.participant = m.participant AND f.contribution = m.contribution
WHERE  f.project = 'traning-ger-fardighet' AND f.entry = 1
