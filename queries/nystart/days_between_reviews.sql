/*+++
title = { sv = "Dagar mellan två uppföljningar av handlingsplanen, i medeltal", en = "Days between two reviews of the action plan, on average" }
order = 8

[columns]
days = { sv = "Dagar (högst 120)", en = "Days (at most 120)" }
+++*/
SELECT avg(least(greatest(CASE r.reviews WHEN 2 THEN r.days WHEN 3 THEN r.days / 2 WHEN 4 THEN r.days / 3
                                         WHEN 5 THEN r.days / 4 WHEN 6 THEN r.days / 5 WHEN 7 THEN r.days / 6 ELSE r.days / 7 END, 0), 120)) AS days
FROM   participation f
JOIN   (SELECT participant, contribution, count(*) AS reviews, max(date) - min(date) AS days
        FROM   plan_review GROUP BY participant, contribution) AS r
       ON f.participant = r.participant AND f.contribution = r.contribution
WHERE  f.project = 'nystart' AND f.entry = 1 AND r.reviews >= 2
