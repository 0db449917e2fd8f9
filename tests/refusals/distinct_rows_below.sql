/*+++
title = { sv = "a", en = "b" }
+++*/
-- DISTINCT merges rows of different people: a second person with equal values adds nothing, and one leaving may add a row elsewhere.
SELECT municipality, count(*) AS n FROM (SELECT DISTINCT municipality, office FROM participation) AS q GROUP BY municipality
