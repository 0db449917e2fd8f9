/*+++
title = { sv = "a", en = "b" }
anonymous = true
+++*/
-- A condition on what each person has is a condition too.
SELECT count(*) AS n FROM (SELECT participant, count(*) AS rows FROM participation GROUP BY participant) p WHERE p.rows = 1
