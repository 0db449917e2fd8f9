/*+++ title = { sv = "Utbildningsnivå efter kön, som korstabell", en = "Utbildningsnivå efter kön, som korstabell" } +++*/
SELECT ISNULL(education, 'Okänd') AS Utbildning,
       COUNT(CASE WHEN sex = 'female' THEN 1 END) AS Kvinnor,
       COUNT(CASE WHEN sex = 'male' THEN 1 END) AS Män,
       COUNT(*) AS Totalt,
       CAST(100.0 * COUNT(CASE WHEN sex = 'female' THEN 1 END) / COUNT(*) AS DECIMAL(5,1)) AS [Andel kvinnor]
FROM participation
WHERE start BETWEEN '2021-02-01' AND '2023-02-28'
GROUP BY ISNULL(education, 'Okänd')
-- refused[sql]: front matter
SELECT education AS utbildning, count(*) FILTER (WHERE sex = 'female') AS kvinnor, count(*) FILTER (WHERE sex = 'male') AS män,
       count(*) AS totalt, 100.0 * count(*) FILTER (WHERE sex = 'female') / count(*) AS andel_kvinnor
FROM participation
WHERE start BETWEEN '2021-02-01' AND '2023-02-28'
GROUP BY education
