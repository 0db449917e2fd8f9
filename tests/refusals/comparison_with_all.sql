/*+++
title = { sv = "a", en = "b" }
+++*/
-- A comparison with all rows of a private sub-query.
SELECT sex, count(*) AS n FROM participation WHERE age >= ALL (SELECT age FROM participation) GROUP BY sex
