/*+++
title = { sv = "a", en = "b" }
+++*/
-- The least number of 64 bits has no negative: the division fails on it.
SELECT sum(age / -1) AS n FROM participation
