/*+++
title = { sv = "Inskrivna per månad", en = "Intake by month" }
order = 5
+++*/
SELECT date_part('year', f.start) AS year, date_part('month', f.start) AS month, count(*) AS participations
FROM   participation f
WHERE  f.project = 'traning-ger-fardighet' AND f.entry = 1 AND f.start BETWEEN DATE '2008-09-01' AND DATE '2009-08-31'
GROUP  BY date_part('year', f.start), date_part('month', f.start)
