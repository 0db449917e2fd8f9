/*+++
title = { sv = "a", en = "b" }
+++*/
-- Sums of floating-point numbers depend on their order and have no exact sensitivity.
SELECT sum(age * 0.1) AS n FROM participation
