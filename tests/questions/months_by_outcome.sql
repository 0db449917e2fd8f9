/*+++ title = { sv = "Genomsnittlig tid i projektet, i månader, efter resultat", en = "Genomsnittlig tid i projektet, i månader, efter resultat" } +++*/
SELECT exit_state AS Resultat, AVG(DATEDIFF(month, start, "end")) AS Månader
FROM participation
WHERE "end" IS NOT NULL
GROUP BY exit_state
-- refused[sql]: "end" - start
SELECT exit_state AS resultat, avg(least(greatest("end" - start, 0), 1100) / 30) AS månader
FROM participation
WHERE "end" IS NOT NULL
GROUP BY exit_state
