/*+++ title = { sv = "Unga och äldre per samordningsförbund", en = "Unga och äldre per samordningsförbund" } +++*/
SELECT a.association, CASE WHEN p.age < 25 THEN 'unga' WHEN p.age > 54 THEN 'äldre' ELSE 'övriga' END AS grupp, count(*) AS antal
FROM participation p JOIN association a ON a.municipality = p.municipality
GROUP BY a.association, grupp
-- refused[several-rows]: count by municipality first
SELECT a.association, c.grupp, sum(c.n) AS antal
FROM (SELECT municipality, CASE WHEN age < 25 THEN 'unga' WHEN age > 54 THEN 'äldre' ELSE 'övriga' END AS grupp, count(*) AS n
      FROM participation GROUP BY municipality, grupp) AS c
JOIN association a USING (municipality)
GROUP BY a.association, c.grupp
