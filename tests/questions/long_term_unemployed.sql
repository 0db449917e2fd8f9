/*+++ title = { sv = "Andel långtidsarbetslösa vid start efter kommun", en = "Andel långtidsarbetslösa vid start efter kommun" } +++*/
SELECT municipality, avg(CASE WHEN labour_status = 'long_term_unemployed' THEN 1.0 ELSE 0 END) AS andel FROM participation GROUP BY municipality
-- refused[decimal]: THEN 1 ELSE 0
SELECT municipality, avg(CASE WHEN labour_status = 'long_term_unemployed' THEN 1 ELSE 0 END) AS andel FROM participation GROUP BY municipality
