/*+++
title = { sv = "Andel som slutade minst ett steg högre, av dem som skattade minst två gånger", en = "Share who ended at least one step higher, of those who rated at least twice" }
order = 2

[columns]
area = { sv = "Område", en = "Area", codes = "instrument_area" }
share = { sv = "Andel", en = "Share" }
pairs = { sv = "Par", en = "Pairs" }
+++*/
SELECT area, 1.0 * sum(CASE WHEN direction = 'higher' THEN pairs ELSE 0 END) / nullif(sum(pairs), 0) AS share, sum(pairs) AS pairs
FROM   published.progress.direction
GROUP  BY area
