/*+++ title = { sv = "Inskrivna per kvartal, ackumulerat, PROGRESS", en = "Inskrivna per kvartal, ackumulerat, PROGRESS" } +++*/
SELECT YEAR(start) AS År, DATEPART(quarter, start) AS Kvartal, COUNT(*) AS Nya,
       SUM(COUNT(*)) OVER (ORDER BY YEAR(start), DATEPART(quarter, start)) AS Ackumulerat
FROM participation
WHERE project = 'progress'
GROUP BY YEAR(start), DATEPART(quarter, start)
ORDER BY År, Kvartal
-- refused[sql]: date_part('year', start)
SELECT år, kvartal, nya, sum(nya) OVER (ORDER BY år, kvartal) AS ackumulerat
FROM (SELECT date_part('year', start) AS år, date_part('quarter', start) AS kvartal, count(*) AS nya
      FROM participation
      WHERE project = 'progress' AND start BETWEEN '2021-02-01' AND '2023-02-28'
      GROUP BY år, kvartal) AS inskrivna
ORDER BY år, kvartal
