/*+++
title = { sv = "Utfall efter team", en = "Outcomes by team" }
order = 7

[columns]
team = { sv = "Team", en = "Team", codes = "office" }
outcome = { sv = "Utfall", en = "Outcome", codes = "outcome" }
participations = { sv = "Deltaganden", en = "Participations" }
+++*/
SELECT team, outcome, count(*) AS participations
FROM   (SELECT CASE office WHEN 'team_1' THEN 'team_1' WHEN 'team_2' THEN 'team_2' WHEN 'team_3' THEN 'team_3'
                           WHEN 'team_4' THEN 'team_4' ELSE 'team_5' END AS team,
               CASE WHEN exit_state IN ('work', 'studies', 'own_business') THEN 'work_or_studies' WHEN exit_state IS NULL THEN 'ongoing'
                    ELSE 'other' END AS outcome
        FROM   participation
        WHERE  project = 'progress' AND entry = 1 AND office LIKE 'team%') AS f
GROUP  BY team, outcome
