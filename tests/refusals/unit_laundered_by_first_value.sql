/*+++
title = { sv = "a", en = "b" }
+++*/
-- The first person's pseudonym of a pre-aggregation becomes a key.
SELECT who, count(*) AS n FROM (SELECT contribution, first_value(participant ORDER BY start, contribution) AS who FROM participation GROUP BY contribution) AS q GROUP BY who
