/*+++
title = { sv = "a", en = "b" }
+++*/
-- The rows of a median are told apart by value: people would be counted once for each.
SELECT project, count(DISTINCT participant) AS people, median(age) AS middle FROM participation GROUP BY project
