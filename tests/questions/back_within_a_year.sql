/*+++ title = { sv = "Vilka kom tillbaka inom ett år?", en = "Vilka kom tillbaka inom ett år?" } +++*/
WITH perioder AS (
  SELECT participant, project, start,
         LAG("end") OVER (PARTITION BY participant ORDER BY start) AS förra_slut
  FROM participation
)
SELECT project AS Projekt, COUNT(DISTINCT participant) AS Återkommare
FROM perioder
WHERE start - förra_slut <= 365
GROUP BY project
-- refused[node]: join the table with itself
SELECT a.project AS projekt, count(DISTINCT a.participant) AS återkommare
FROM participation a JOIN participation b ON a.participant = b.participant
WHERE a.start > b."end" AND a.start - b."end" <= 365
GROUP BY a.project
