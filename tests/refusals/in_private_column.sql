/*+++
title = { sv = "a", en = "b" }
+++*/
-- IN over a private column that is not the unit: a municipality enters through one person.
SELECT sex, count(*) AS n FROM participation WHERE municipality IN (SELECT municipality FROM participation WHERE exit_state = 'work') GROUP BY sex
