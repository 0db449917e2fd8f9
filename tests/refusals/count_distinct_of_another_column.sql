/*+++
title = { sv = "a", en = "b" }
+++*/
-- The number of different municipalities has no bound per person of the kind the check knows.
SELECT project, count(DISTINCT municipality) AS places FROM participation GROUP BY project
