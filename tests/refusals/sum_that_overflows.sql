/*+++
title = { sv = "a", en = "b" }
+++*/
-- The range of the product leaves 64 bits, where SUM wraps.
SELECT sum(age * age * age * age * age * age * age * age * age * age) AS n FROM participation
