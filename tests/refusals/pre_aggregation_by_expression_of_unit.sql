/*+++
title = { sv = "a", en = "b" }
+++*/
-- Grouping by a function of the unit merges people.
SELECT count(*) AS n FROM (SELECT CASE WHEN participant < X'80' THEN X'00' ELSE X'01' END AS half, count(*) AS k FROM activity GROUP BY half) AS q WHERE k > 3
