/*+++ title = { sv = "Åldrar i steg", en = "Åldrar i steg" } +++*/
SELECT age / 10 * 10 AS ålder, count(*) AS n FROM participation WHERE age BETWEEN 16 AND 64 GROUP BY ålder
