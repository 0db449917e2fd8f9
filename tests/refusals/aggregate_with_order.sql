/*+++
title = { sv = "a", en = "b" }
+++*/
-- The order of an aggregate's input is the storage's.
SELECT project, first_value(exit_state ORDER BY start) AS first_exit FROM participation GROUP BY project
