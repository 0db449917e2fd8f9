/*+++
title = { sv = "a", en = "b" }
+++*/
-- CASE returns the unit as a key.
SELECT who, count(*) AS n FROM (SELECT CASE WHEN sex = 'female' THEN participant END AS who FROM participation) AS q GROUP BY who
