/*+++
title = { sv = "a", en = "b" }
+++*/
-- The order divides by somebody's value.
SELECT avg(s) AS mean FROM (SELECT participant, first_value(score ORDER BY 10 / score, contribution, ordinal) AS s FROM rating GROUP BY participant) AS q
