/*+++
title = { sv = "a", en = "b" }
+++*/
-- The sum of one person's rows could leave its type.
SELECT count(*) AS n FROM (SELECT participant, sum(age * 30000000000000000) AS s FROM participation GROUP BY participant) AS q WHERE s > 0
