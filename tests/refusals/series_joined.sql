/*+++
title = { sv = "a", en = "b" }
+++*/
-- A generated series multiplies every row.
SELECT count(*) AS n FROM participation f CROSS JOIN generate_series(1, 1000) AS s
