/*+++
title = { sv = "a", en = "b" }
+++*/
-- FILTER within the person divides by somebody's value.
SELECT k, count(*) AS n FROM (SELECT participant, count(*) FILTER (WHERE 10 / age > 1) AS k FROM participation GROUP BY participant) AS q GROUP BY k
