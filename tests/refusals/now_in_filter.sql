/*+++
title = { sv = "a", en = "b" }
+++*/
-- now() changes what the same query of the same data means.
SELECT count(*) AS n FROM participation WHERE "end" < CAST(now() AS DATE)
