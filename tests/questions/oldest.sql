/*+++ title = { sv = "Den äldsta", en = "Den äldsta" } +++*/
SELECT max(age) AS äldst FROM participation WHERE age IS NOT NULL
-- refused[aggregate]: approx_percentile_cont(x, 0.95)
SELECT approx_percentile_cont(age, 0.95) AS äldst FROM participation WHERE age IS NOT NULL
