/*+++
title = { sv = "a", en = "b" }
+++*/
-- corr has no bounded change per person.
SELECT corr(age, contribution) AS r FROM participation
