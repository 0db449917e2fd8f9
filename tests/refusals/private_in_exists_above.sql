/*+++
title = { sv = "a", en = "b" }
+++*/
-- A private table is asked above the aggregate.
SELECT c.sex, c.n FROM (SELECT sex, count(*) AS n FROM participation GROUP BY sex) AS c WHERE EXISTS (SELECT 1 FROM participation f WHERE f.sex = c.sex AND f.age > 100)
