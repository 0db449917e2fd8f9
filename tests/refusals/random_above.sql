/*+++
title = { sv = "a", en = "b" }
+++*/
-- The order above the door would be drawn anew in each run.
SELECT sex, count(*) AS n FROM participation GROUP BY sex ORDER BY random()
