/*+++
title = { sv = "a", en = "b" }
+++*/
-- The order is drawn anew in each run.
SELECT avg(s) AS mean FROM (SELECT participant, first_value(score ORDER BY random(), contribution, ordinal) AS s FROM rating GROUP BY participant) AS q
