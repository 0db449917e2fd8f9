/*+++
title = { sv = "a", en = "b" }
+++*/
-- A private table stands beside the published cells.
SELECT c.sex, c.n, f.age FROM (SELECT sex, count(*) AS n FROM participation GROUP BY sex) AS c JOIN participation f ON f.sex = c.sex
