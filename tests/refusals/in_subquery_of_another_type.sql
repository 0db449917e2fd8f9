/*+++
title = { sv = "a", en = "b" }
+++*/
-- A number is sought among texts: a cast is inserted.
SELECT sex, count(*) AS n FROM participation WHERE age IN (SELECT project FROM project) GROUP BY sex
