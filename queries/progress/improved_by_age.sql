/*+++
title = { sv = "Andel som slutade högre i summan av sina områden, efter åldersgrupp", en = "Share who ended higher in the sum of their areas, by age band" }
order = 6

[columns]
share = { sv = "Andel", en = "Share" }
+++*/
SELECT f.age_band, avg(CASE WHEN s.rise > 0 THEN 1 ELSE 0 END) AS share
FROM   participation f
JOIN   (SELECT participant, contribution, sum(last - first) AS rise
        FROM   (SELECT participant, contribution, area, first_value(score ORDER BY date, ordinal, contribution) AS first,
                       last_value(score ORDER BY date, ordinal, contribution) AS last
                FROM   rating WHERE rater = 'participant' GROUP BY participant, contribution, area HAVING count(*) >= 2) AS area
        GROUP  BY participant, contribution) AS s
       ON f.participant = s.participant AND f.contribution = s.contribution
WHERE  f.project = 'progress' AND f.entry = 1
GROUP  BY f.age_band
