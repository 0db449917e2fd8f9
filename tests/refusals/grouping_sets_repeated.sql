/*+++
title = { sv = "a", en = "b" }
+++*/
-- A level that stands twice would be published twice.
SELECT sex, count(*) AS n FROM participation GROUP BY GROUPING SETS ((sex), (sex))
