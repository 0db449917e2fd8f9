/*+++
title = { sv = "Andel deltagare från kommunerna (mål 20–30 %)", en = "Share of participants from the municipalities (target 20–30 %)" }
order = 6
targets = ["traning-municipal"]

[columns]
share = { sv = "Andel", en = "Share" }
+++*/
SELECT avg(CASE WHEN referrer = 'municipality' THEN 1 ELSE 0 END) AS share
FROM   participation
WHERE  project = 'traning-ger-fardighet' AND entry = 1
