/*+++ title = { sv = "Andel av alla per kön", en = "Andel av alla per kön" } +++*/
SELECT sex, 100.0 * count(*) / (SELECT count(*) FROM participation) AS andel FROM participation GROUP BY sex
-- refused[private-above]: sum(count(*)) OVER ()
SELECT sex, 100.0 * count(*) / sum(count(*)) OVER () AS andel FROM participation GROUP BY sex
