/*+++
title = { sv = "a", en = "b" }
+++*/
-- Date arithmetic overflows at extreme dates.
SELECT count(*) AS n FROM participation WHERE "end" + INTERVAL '180 days' > DATE '2022-01-01'
