/*+++
title = { sv = "Andel till arbete eller studier, av alla", en = "Share to work or studies, of all" }
order = 2

[columns]
share = { sv = "Andel", en = "Share" }
+++*/
SELECT avg(CASE WHEN f.exit_state IN ('work', 'studies') THEN 1 ELSE 0 END) AS share
FROM   participation f
WHERE  f.project = 'asap' AND f.entry = 1 AND f.exit_state IS NOT NULL
