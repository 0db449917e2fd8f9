/*+++
title = { sv = "a", en = "b" }
+++*/
-- coalesce returns the unit as a key.
SELECT coalesce(participant, X'00') AS who, count(*) AS n FROM participation GROUP BY who
