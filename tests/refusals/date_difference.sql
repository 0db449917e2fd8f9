/*+++
title = { sv = "a", en = "b" }
+++*/
-- The difference of two dates has no list and may overflow.
SELECT avg("end" - start) AS days FROM participation
