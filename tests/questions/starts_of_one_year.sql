/*+++ title = { sv = "Starter efter dag", en = "Starter efter dag" } +++*/
SELECT start, count(*) AS n FROM participation GROUP BY start
-- refused[key]: date_trunc('month', …)
SELECT date_trunc('month', start) AS månad, count(*) AS n FROM participation WHERE start BETWEEN DATE '2021-01-01' AND DATE '2021-12-31' GROUP BY månad
