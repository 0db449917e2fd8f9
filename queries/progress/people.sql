/*+++
title = { sv = "Deltagare i PROGRESS, var och en räknad en gång", en = "Participants of PROGRESS, each counted once" }
order = 1
weight = 3
targets = ["progress-participants"]

[columns]
people = { sv = "Deltagare", en = "Participants" }
+++*/
WITH   record AS (SELECT participant, last_value(office ORDER BY start, contribution) AS office,
                         last_value(exit_state ORDER BY start, contribution) AS exit_state,
                         last_value("end" ORDER BY start, contribution) AS "end",
                         last_value(status_six_months ORDER BY start, contribution) AS status_six_months
                  FROM   participation WHERE project = 'progress' GROUP BY participant)
SELECT count(*) AS people
FROM   record
