/*+++
title = { sv = "a", en = "b" }
+++*/
-- A text's length is not declared: the sum has no clamp.
SELECT sum(length(municipality)) AS n FROM participation
