/*+++
title = { sv = "a", en = "b" }
+++*/
-- A lateral sub-select is correlated without the unit.
SELECT count(*) AS n FROM participation f CROSS JOIN LATERAL (SELECT a.kind FROM activity a WHERE a.project = f.project) AS x
