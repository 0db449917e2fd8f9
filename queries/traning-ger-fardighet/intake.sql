/*+++
title = { sv = "Inskrivna per månad, bredvid vad handläggarna räknade med", en = "Intake by month, beside what the officers reckoned with" }
order = 10

[columns]
year = { sv = "År", en = "Year" }
month = { sv = "Månad", en = "Month" }
participations = { sv = "Deltaganden", en = "Participations" }
capacity_low = { sv = "15 handläggare, två var", en = "15 officers, two each" }
capacity_high = { sv = "15 handläggare, tre var", en = "15 officers, three each" }
+++*/
SELECT c.year, c.month, c.n AS participations, 15 * 2 AS capacity_low, 15 * 3 AS capacity_high
FROM   (SELECT date_part('year', f.start) AS year, date_part('month', f.start) AS month, count(*) AS n
        FROM   participation f
        WHERE  f.project = 'traning-ger-fardighet' AND f.entry = 1 AND f.start BETWEEN DATE '2008-09-01' AND DATE '2009-08-31'
        GROUP  BY date_part('year', f.start), date_part('month', f.start)) AS c
WHERE  c.year * 100 + c.month BETWEEN 200809 AND 200908
ORDER  BY c.year, c.month
