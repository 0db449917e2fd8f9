/*+++
title = { sv = "a", en = "b" }
+++*/
-- The range of a sum of different values is another than that of a sum.
SELECT avg(s) AS mean FROM (SELECT participant, sum(DISTINCT score) AS s FROM rating GROUP BY participant) AS q
