/*+++
title = { sv = "a", en = "b" }
+++*/
-- A cast to a smaller type fails on large values.
SELECT sum(CAST(age * 1000 AS SMALLINT)) AS n FROM participation
