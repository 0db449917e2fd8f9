/*+++
title = { sv = "a", en = "b" }
+++*/
-- The smallest age is one person's age.
SELECT sex, min(age) AS youngest FROM participation GROUP BY sex
