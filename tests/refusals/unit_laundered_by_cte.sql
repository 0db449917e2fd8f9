/*+++
title = { sv = "a", en = "b" }
+++*/
-- A CTE's column list renames the unit.
WITH person (kon, n) AS (SELECT participant, sex FROM participation) SELECT kon, count(*) AS antal FROM person GROUP BY kon
