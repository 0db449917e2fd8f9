/*+++ title = { sv = "Till arbete", en = "Till arbete" } +++*/
SELECT sex, count(*) AS n FROM participation WHERE exit_state = 'arbete' GROUP BY sex
-- refused[code]: 'work'
SELECT sex, count(*) AS n FROM participation WHERE exit_state = 'work' GROUP BY sex
