/*+++
title = { sv = "a", en = "b" }
+++*/
-- QUALIFY is a window below the door.
SELECT count(*) AS n FROM (SELECT sex FROM participation QUALIFY row_number() OVER (ORDER BY start) <= 10) AS q
