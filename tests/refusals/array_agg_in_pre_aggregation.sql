/*+++
title = { sv = "a", en = "b" }
+++*/
-- Arrays of rows below the door, their length without a bound in the type.
SELECT count(*) AS n FROM (SELECT participant, array_agg(kind) AS kinds FROM activity GROUP BY participant) AS q WHERE array_length(kinds) > 1
