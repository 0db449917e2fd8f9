/*+++
title = { sv = "Vilka som kan följas upp efter sex månader", en = "Who can be followed up after six months" }
order = 17

[columns]
follow_up = { sv = "Uppföljning", en = "Follow-up", codes = "follow_up" }
people = { sv = "Deltagare", en = "Participants" }
+++*/
WITH   record AS (SELECT participant, last_value(office ORDER BY start, contribution) AS office,
                         last_value(exit_state ORDER BY start, contribution) AS exit_state,
                         last_value("end" ORDER BY start, contribution) AS "end",
                         last_value(status_six_months ORDER BY start, contribution) AS status_six_months
                  FROM   participation WHERE project = 'progress' GROUP BY participant)
SELECT CASE WHEN "end" IS NULL THEN 'ongoing' WHEN "end" > DATE '2022-08-31' THEN 'not_yet'
            WHEN status_six_months IS NULL THEN 'not_reached' ELSE 'followed_up' END AS follow_up, count(*) AS people
FROM   record
GROUP  BY follow_up
