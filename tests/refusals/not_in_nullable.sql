/*+++
title = { sv = "a", en = "b" }
+++*/
-- NOT IN a column that may be NULL: one person's NULL empties the whole table.
SELECT sex, count(*) AS n FROM participation WHERE office NOT IN (SELECT office FROM participation WHERE exit_state = 'sick') GROUP BY sex
