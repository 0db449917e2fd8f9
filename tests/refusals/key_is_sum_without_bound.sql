/*+++
title = { sv = "a", en = "b" }
+++*/
-- A product of many rows has no small list of values.
SELECT points, count(*) AS n FROM (SELECT participant, sum(age * age * age * age) AS points FROM participation GROUP BY participant) AS q GROUP BY points
