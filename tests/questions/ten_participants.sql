/*+++ title = { sv = "Tio deltagare", en = "Tio deltagare" } +++*/
SELECT sex, age FROM participation ORDER BY age LIMIT 10
-- refused[node]: ORDER BY n DESC LIMIT 10
SELECT age_band, count(*) AS n FROM participation GROUP BY age_band ORDER BY n DESC LIMIT 10
