/*+++
title = { sv = "a", en = "b" }
+++*/
-- Whether a value counts depends on whether another person has it too.
SELECT sum(DISTINCT age) AS n FROM participation
