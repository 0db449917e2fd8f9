/*+++
title = { sv = "a", en = "b" }
+++*/
-- FILTER reads the pseudonym's value.
SELECT sex, count(*) FILTER (WHERE participant > X'80') AS n FROM participation GROUP BY sex
