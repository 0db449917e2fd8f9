/*+++
title = { sv = "a", en = "b" }
+++*/
-- ORDER BY asks an aggregate that may not cross: the order would be exact.
SELECT sex, count(*) AS n FROM participation GROUP BY sex ORDER BY min(age)
