/*+++
title = { sv = "Andel som nådde 450 dagar i programmet", en = "Share who reached 450 days in the programme" }
order = 12

[columns]
share = { sv = "Andel", en = "Share" }
+++*/
SELECT avg(CASE WHEN programme_days >= 450 THEN 1 ELSE 0 END) AS share
FROM   participation
WHERE  project = 'traning-ger-fardighet' AND entry = 1 AND programme_days IS NOT NULL
