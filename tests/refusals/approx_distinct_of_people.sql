/*+++
title = { sv = "a", en = "b" }
+++*/
-- A sketch has no proven sensitivity.
SELECT project, approx_distinct(participant) AS people FROM participation GROUP BY project
