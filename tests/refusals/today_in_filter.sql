/*+++
title = { sv = "a", en = "b" }
+++*/
-- current_date changes what the same query of the same data means.
SELECT count(*) AS n FROM participation WHERE "end" < current_date
