/*+++
title = { sv = "a", en = "b" }
+++*/
-- A cast to a smaller type fails on a value outside its declared range.
SELECT sum(CAST(age AS INT)) AS n FROM participation
