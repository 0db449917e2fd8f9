/*+++
title = { sv = "a", en = "b" }
+++*/
-- The correlation by unit is one side of OR.
SELECT sex, count(*) AS n FROM participation f WHERE EXISTS (SELECT 1 FROM milestone m WHERE m.participant = f.participant OR m.step = 'trust') GROUP BY sex
