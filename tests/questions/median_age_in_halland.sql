/*+++ title = { sv = "Medianålder per kommun i Halland", en = "Medianålder per kommun i Halland" } +++*/
SELECT municipality AS Kommun, PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY age) AS Medianålder
FROM participation
WHERE municipality LIKE '13%'
GROUP BY municipality
ORDER BY Medianålder DESC
