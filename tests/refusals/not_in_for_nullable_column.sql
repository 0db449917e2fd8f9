/*+++
title = { sv = "a", en = "b" }
+++*/
-- NULL NOT IN a list is neither true nor false.
SELECT sex, count(*) AS n FROM participation WHERE office NOT IN (SELECT project FROM project) GROUP BY sex
