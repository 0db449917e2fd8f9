/*+++
title = { sv = "a", en = "b" }
+++*/
-- UNNEST multiplies rows.
SELECT count(*) AS n FROM (SELECT unnest(make_array(1, 2, 3)) AS x, sex FROM participation) AS q
