/*+++
title = { sv = "a", en = "b" }
+++*/
-- The counts of each person are rows of people.
SELECT contribution, count(*) AS n FROM activity GROUP BY participant, contribution
