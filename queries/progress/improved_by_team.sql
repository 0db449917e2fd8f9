/*+++
title = { sv = "Andel som slutade högre i summan av sina områden, efter team", en = "Share who ended higher in the sum of their areas, by team" }
order = 7

[columns]
team = { sv = "Team", en = "Team", codes = "office" }
share = { sv = "Andel", en = "Share" }
+++*/
SELECT CASE office WHEN 'team_1' THEN 'team_1' WHEN 'team_2' THEN 'team_2' WHEN 'team_3' THEN 'team_3'
                    WHEN 'team_4' THEN 'team_4' WHEN 'team_5' THEN 'team_5' END AS team, avg(CASE WHEN s.rise > 0 THEN 1 ELSE 0 END) AS share
FROM   participation f
JOIN   (SELECT participant, contribution, sum(last - first) AS rise
        FROM   (SELECT participant, contribution, area, first_value(score ORDER BY date, ordinal, contribution) AS first,
                       last_value(score ORDER BY date, ordinal, contribution) AS last
                FROM   rating WHERE rater = 'participant' GROUP BY participant, contribution, area HAVING count(*) >= 2) AS area
        GROUP  BY participant, contribution) AS s
       ON f.participant = s.participant AND f.contribution = s.contribution
WHERE  f.project = 'progress' AND f.entry = 1
GROUP  BY team
