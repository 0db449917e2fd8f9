/*+++
title = { sv = "a", en = "b" }
+++*/
-- The clamp comes from data: the range of the sum is one person's age.
SELECT sum(least(age, (SELECT max(age) FROM participation WHERE sex = 'female'))) AS n FROM participation
