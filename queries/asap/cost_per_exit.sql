/*+++
title = { sv = "Kronor per avslut till arbete eller studier", en = "Kronor per exit to work or studies" }
order = 7

[columns]
kronor_per_exit = { sv = "Kronor per avslut", en = "Kronor per exit" }
exits = { sv = "Avslut", en = "Exits" }
+++*/
SELECT p.total_budget / nullif(sum(c.participations), 0) AS kronor_per_exit, sum(c.participations) AS exits
FROM   published.asap.exits AS c
CROSS  JOIN project p
WHERE  p.project = 'asap' AND c.outcome IN ('work', 'studies')
GROUP  BY p.total_budget
