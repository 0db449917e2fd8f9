/*+++
title = { sv = "a", en = "b" }
+++*/
-- An array holds the rows themselves.
SELECT sex, array_agg(age) AS ages FROM participation GROUP BY sex
