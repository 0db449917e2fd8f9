/*+++
title = { sv = "a", en = "b" }
+++*/
-- Grouping by the unit at the crossing publishes pseudonyms.
SELECT participant, project, count(*) AS n FROM participation GROUP BY participant, project
