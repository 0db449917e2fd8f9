/*+++ title = { sv = "De fem kommuner som fått flest i arbete", en = "De fem kommuner som fått flest i arbete" } +++*/
SELECT TOP 5 municipality AS Kommun, COUNT(*) AS Antal
FROM participation
WHERE exit_state = 'work'
GROUP BY municipality
ORDER BY Antal DESC
-- refused[ignored]: ORDER BY n DESC LIMIT 5
SELECT municipality AS kommun, count(*) AS n
FROM participation
WHERE exit_state = 'work'
GROUP BY municipality
ORDER BY n DESC LIMIT 5
