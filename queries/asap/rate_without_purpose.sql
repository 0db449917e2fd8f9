/*+++
title = { sv = "Andel till arbete eller studier, utan dem med särskilt syfte", en = "Share to work or studies, without those who had a special purpose" }
order = 3

[columns]
share = { sv = "Andel", en = "Share" }
+++*/
SELECT avg(CASE WHEN f.exit_state IN ('work', 'studies') THEN 1 ELSE 0 END) AS share
FROM   participation f
WHERE  f.project = 'asap' AND f.entry = 1 AND f.exit_state IS NOT NULL AND f.exit_state <> 'special_purpose'
