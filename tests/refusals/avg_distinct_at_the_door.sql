/*+++
title = { sv = "a", en = "b" }
+++*/
-- Whether a value counts depends on other people.
SELECT sex, avg(DISTINCT age) AS mean FROM participation GROUP BY sex
