/*+++ title = { sv = "a", en = "b" } +++*/
SELECT sex, count(*) AS n FROM participation WHERE exit_state LIKE 'jobb%' GROUP BY sex
