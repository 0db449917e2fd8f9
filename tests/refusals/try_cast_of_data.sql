/*+++
title = { sv = "a", en = "b" }
+++*/
-- TRY_CAST of extreme dates fails after all.
SELECT count(*) AS n FROM participation WHERE TRY_CAST(municipality AS BIGINT) = 1315
