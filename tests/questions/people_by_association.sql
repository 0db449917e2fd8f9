/*+++ title = { sv = "Personer per samordningsförbund, bara förbund med minst tio", en = "Personer per samordningsförbund, bara förbund med minst tio" } +++*/
SELECT a.association AS Förbund, COUNT(DISTINCT p.participant) AS Personer
FROM participation p
LEFT JOIN association a ON a.municipality = p.municipality AND a.known_until IS NULL
GROUP BY a.association
HAVING COUNT(DISTINCT p.participant) >= 10
ORDER BY Personer DESC
-- refused[several-rows]: count by municipality first
SELECT a.association AS förbund, sum(c.n) AS personer
FROM (SELECT municipality, count(DISTINCT participant) AS n FROM participation GROUP BY municipality) AS c
JOIN association a USING (municipality)
WHERE a.known_until IS NULL
GROUP BY a.association
HAVING sum(c.n) >= 10
ORDER BY personer DESC
