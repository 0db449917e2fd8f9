/*+++
title = { sv = "a", en = "b" }
+++*/
-- Each row fits in 64 bits, the sum over everybody does not.
SELECT sum(age * 1000000000000000) AS n FROM participation
