/*+++
title = { sv = "a", en = "b" }
anonymous = true
+++*/
-- What is known of a protected person is which of them it is.
SELECT sex, count(*) AS n FROM participation GROUP BY sex
