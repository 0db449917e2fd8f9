/*+++
title = { sv = "a", en = "b" }
+++*/
-- The pattern of LIKE comes from a column.
SELECT count(*) AS n FROM participation WHERE municipality LIKE office
