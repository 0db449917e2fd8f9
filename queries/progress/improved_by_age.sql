/*+++
title = { sv = "Andel som slutade högre i summan av sina områden, efter åldersgrupp", en = "Share who ended higher in the sum of their areas, by age group" }
order = 7

[columns]
age_group = { sv = "Åldersgrupp", en = "Age group", codes = "age_group" }
share = { sv = "Andel", en = "Share" }
+++*/
SELECT CASE WHEN age < 25 THEN 'under_25' WHEN age < 45 THEN '25-44' WHEN age >= 45 THEN 'over_44' END AS age_group, avg(CASE WHEN s.rise > 0 THEN 1 ELSE 0 END) AS share
FROM   participation f
JOIN   (SELECT participant, contribution, sum(CASE WHEN times >= 2 THEN last - first END) AS rise,
               max(CASE WHEN area = 'health' THEN times END) AS times
        FROM   (SELECT participant, contribution, area, count(*) AS times,
                       first_value(score ORDER BY date, ordinal, contribution) AS first,
                       last_value(score ORDER BY date, ordinal, contribution) AS last
                FROM   rating WHERE rater = 'participant' GROUP BY participant, contribution, area) AS area
        GROUP  BY participant, contribution) AS s
       ON f.participant = s.participant AND f.contribution = s.contribution
WHERE  f.project = 'progress' AND f.entry = 1 AND s.rise IS NOT NULL
GROUP  BY age_group
