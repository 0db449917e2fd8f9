/*+++
title = { sv = "a", en = "b" }
+++*/
-- A list of columns holds though one of them is NULL.
SELECT exit_state, count(*) AS n FROM participation WHERE sex IN (exit_state, 'female') GROUP BY exit_state
