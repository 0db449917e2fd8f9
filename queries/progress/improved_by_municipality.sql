/*+++
title = { sv = "Andel som slutade högre i summan av sina områden, efter kommun", en = "Share who ended higher in the sum of their areas, by municipality" }
order = 7

[columns]
share = { sv = "Andel", en = "Share" }
+++*/
SELECT m.municipality, avg(CASE WHEN s.rise > 0 THEN 1 ELSE 0 END) AS share
FROM   participation f
JOIN   (SELECT participant, contribution, sum(last - first) AS rise
        FROM   (SELECT participant, contribution, area, first_value(score ORDER BY date, ordinal, contribution) AS first,
                       last_value(score ORDER BY date, ordinal, contribution) AS last
                FROM   rating WHERE rater = 'participant' GROUP BY participant, contribution, area HAVING count(*) >= 2) AS area
        GROUP  BY participant, contribution) AS s
       ON f.participant = s.participant AND f.contribution = s.contribution
JOIN   municipality m ON f.municipality = m.municipality
WHERE  f.project = 'progress' AND f.entry = 1 AND m.county = '13'
GROUP  BY m.municipality
