/*+++
title = { sv = "Andel som skattade sin hälsa högst tre gånger, efter team", en = "Share who rated their health three times at most, by team" }
order = 13
weight = 3

[columns]
team = { sv = "Team", en = "Team", codes = "office" }
share = { sv = "Andel", en = "Share" }
+++*/
SELECT CASE office WHEN 'team_1' THEN 'team_1' WHEN 'team_2' THEN 'team_2' WHEN 'team_3' THEN 'team_3'
                   WHEN 'team_4' THEN 'team_4' ELSE 'team_5' END AS team, avg(CASE WHEN s.times <= 3 THEN 1 ELSE 0 END) AS share
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
AND    f.office IN ('team_1', 'team_2', 'team_3', 'team_4', 'team_5')
GROUP  BY team
