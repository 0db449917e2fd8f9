/*+++
title = { sv = "a", en = "b" }
+++*/
-- NOT IN over a child's nullable column, not the unit.
SELECT sex, count(*) AS n FROM participation WHERE exit_state NOT IN (SELECT workplace FROM activity) GROUP BY sex
