/*+++ title = { sv = "a", en = "b" } +++*/
SELECT sex, avg(CASE WHEN exit_state = 'work' THEN 1.0 ELSE 0.0 END) AS share FROM participation GROUP BY sex
