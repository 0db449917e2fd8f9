/*+++ title = { sv = "Anvisande part, andel av totalen", en = "Anvisande part, andel av totalen" } +++*/
SELECT referrer AS Anvisare, COUNT(*) AS Antal,
       ROUND(COUNT(*) * 100.0 / SUM(COUNT(*)) OVER (), 1) AS [Andel %]
FROM participation
GROUP BY referrer
ORDER BY Antal DESC
-- refused[sql]: front matter
SELECT referrer AS anvisare, count(*) AS antal, round(count(*) * 100.0 / sum(count(*)) OVER (), 1) AS andel
FROM participation
GROUP BY referrer
ORDER BY antal DESC
