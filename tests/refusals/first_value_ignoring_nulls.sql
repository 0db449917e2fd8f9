/*+++
title = { sv = "a", en = "b" }
+++*/
-- Which value is the first would depend on which rows have none.
SELECT avg(s) AS mean FROM (SELECT participant, first_value(age ORDER BY contribution) IGNORE NULLS AS s FROM participation GROUP BY participant) AS q
