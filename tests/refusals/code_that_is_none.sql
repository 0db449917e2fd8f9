/*+++
title = { sv = "a", en = "b" }
+++*/
-- A misspelt code would count nobody, at full price.
SELECT sex, count(*) AS n FROM participation WHERE exit_state IN ('work', 'job') GROUP BY sex
