/*+++
title = { sv = "a", en = "b" }
+++*/
-- Recursion multiplies a person's rows without a bound.
WITH RECURSIVE r AS (SELECT participant, contribution FROM participation UNION ALL SELECT r.participant, r.contribution + 1 FROM r WHERE r.contribution < 1000) SELECT count(*) AS n FROM r
