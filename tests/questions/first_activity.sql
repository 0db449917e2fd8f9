/*+++ title = { sv = "Resultat efter vilken insats som kom först", en = "Resultat efter vilken insats som kom först" } +++*/
WITH första AS (
  SELECT participant, project, kind, ROW_NUMBER() OVER (PARTITION BY participant, project ORDER BY start) AS nr
  FROM activity
)
SELECT f.kind AS Insats, COUNT(*) AS Deltagare,
       100.0 * SUM(CASE WHEN p.exit_state IN ('work', 'studies') THEN 1 ELSE 0 END) / COUNT(*) AS Procent
FROM första f
INNER JOIN participation p ON p.participant = f.participant AND p.project = f.project
WHERE f.nr = 1
GROUP BY f.kind
-- refused[node]: first_value(
SELECT f.kind AS insats, count(*) AS deltagare,
       100.0 * sum(CASE WHEN p.exit_state IN ('work', 'studies') THEN 1 ELSE 0 END) / count(*) AS procent
FROM (SELECT participant, contribution, first_value(kind ORDER BY start, ordinal) AS kind
      FROM activity GROUP BY participant, contribution) AS f
JOIN participation p USING (participant, contribution)
GROUP BY f.kind
