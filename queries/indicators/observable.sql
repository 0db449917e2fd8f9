/*+++
title = { sv = "Vilka som kan följas upp efter sex månader", en = "Who can be followed up after six months" }
order = 9

[columns]
follow_up = { sv = "Uppföljning", en = "Follow-up", codes = "follow_up" }
participants = { sv = "Deltagare", en = "Participants" }
+++*/
SELECT follow_up, count(*) AS participants
FROM   (SELECT CASE WHEN p."end" IS NULL THEN 'ongoing' WHEN p."end" > DATE '2022-08-31' THEN 'not_yet'
                    WHEN p.status_six_months IS NULL THEN 'not_reached' ELSE 'followed_up' END AS follow_up
        FROM   (SELECT participant, last_value("end" ORDER BY start, contribution) AS "end",
                       last_value(status_six_months ORDER BY start, contribution) AS status_six_months
                FROM   participation WHERE project = 'progress' GROUP BY participant) AS p) AS person
GROUP  BY follow_up
