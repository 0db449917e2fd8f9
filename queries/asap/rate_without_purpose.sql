/*+++
title = { sv = "Andel till arbete eller studier, utan dem med särskilt syfte", en = "Share to work or studies, without those who had a special purpose" }
order = 3

[columns]
share = { sv = "Andel", en = "Share" }
to_work_or_studies = { sv = "Till arbete eller studier", en = "To work or studies" }
exits = { sv = "Avslut", en = "Exits" }
+++*/
SELECT 1.0 * sum(CASE WHEN outcome IN ('work', 'studies') THEN participations ELSE 0 END) / nullif(sum(participations), 0) AS share,
       sum(CASE WHEN outcome IN ('work', 'studies') THEN participations ELSE 0 END) AS to_work_or_studies,
       sum(participations) AS exits
FROM   published.asap.exits
WHERE  outcome <> 'special_purpose'
