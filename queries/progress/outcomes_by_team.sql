/*+++
title = { sv = "Utfall efter team, varje deltagare vid sitt senaste deltagande", en = "Outcomes by team, each participant at the latest participation" }
order = 15

[columns]
team = { sv = "Team", en = "Team", codes = "office" }
outcome = { sv = "Utfall", en = "Outcome", codes = "chain_outcome" }
people = { sv = "Deltagare", en = "Participants" }
+++*/
WITH   record AS (SELECT participant, last_value(office ORDER BY start, contribution) AS office,
                         last_value(exit_state ORDER BY start, contribution) AS exit_state,
                         last_value("end" ORDER BY start, contribution) AS "end",
                         last_value(status_six_months ORDER BY start, contribution) AS status_six_months
                  FROM   participation WHERE project = 'progress' GROUP BY participant)
SELECT CASE office WHEN 'team_1' THEN 'team_1' WHEN 'team_2' THEN 'team_2' WHEN 'team_3' THEN 'team_3'
                   WHEN 'team_4' THEN 'team_4' WHEN 'team_5' THEN 'team_5' END AS team,
       CASE WHEN exit_state IN ('work', 'studies', 'own_business') THEN 'work_or_studies' ELSE 'other' END AS outcome, count(*) AS people
FROM   record
GROUP  BY team, outcome
