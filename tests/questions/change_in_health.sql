/*+++ title = { sv = "Förändring i hälsa efter kön", en = "Förändring i hälsa efter kön" } +++*/
WITH r AS (
  SELECT participant, score, row_number() OVER (PARTITION BY participant ORDER BY date) AS nr,
         row_number() OVER (PARTITION BY participant ORDER BY date DESC) AS nr_bak
  FROM rating WHERE area = 'health' AND rater = 'participant'
)
SELECT p.sex, avg(s.score - f.score) AS forandring
FROM r f JOIN r s ON s.participant = f.participant AND f.nr = 1 AND s.nr_bak = 1
JOIN participation p ON p.participant = f.participant
GROUP BY p.sex
-- refused[node]: first_value(
SELECT p.sex, avg(r.sista - r.forsta) AS forandring
FROM (SELECT participant, first_value(score ORDER BY date, contribution, ordinal) AS forsta,
             last_value(score ORDER BY date, contribution, ordinal) AS sista
      FROM rating WHERE area = 'health' AND rater = 'participant' GROUP BY participant) r
JOIN participation p ON p.participant = r.participant
GROUP BY p.sex
