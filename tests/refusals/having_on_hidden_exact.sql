/*+++
title = { sv = "a", en = "b" }
+++*/
-- HAVING asks an aggregate that is not among those that may cross.
SELECT sex, count(*) AS n FROM participation GROUP BY sex HAVING max(age) > 64
