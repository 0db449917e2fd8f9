/*+++
title = { sv = "a", en = "b" }
+++*/
-- The latest date is one person's date.
SELECT project, max(start) AS latest FROM participation GROUP BY project
