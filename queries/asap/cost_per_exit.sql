/*+++
title = { sv = "Kronor per avslut till arbete eller studier", en = "Kronor per exit to work or studies" }
order = 7

[columns]
kronor_per_exit = { sv = "Kronor per avslut", en = "Kronor per exit" }
exits = { sv = "Avslut", en = "Exits" }
+++*/
SELECT p.total_budget / nullif(sum(c.n), 0) AS kronor_per_exit, sum(c.n) AS exits
FROM   (SELECT f.exit_state, count(*) AS n
        FROM   participation f
        WHERE  f.project = 'asap' AND f.entry = 1 AND f.exit_state IS NOT NULL
        GROUP  BY f.exit_state) AS c
CROSS  JOIN project p
WHERE  p.project = 'asap' AND c.exit_state IN ('work', 'studies')
GROUP  BY p.total_budget
