/*+++
title = { sv = "a", en = "b" }
+++*/
-- INTERSECT lets one person's row keep those of others.
SELECT count(*) AS n FROM (SELECT project FROM participation INTERSECT SELECT project FROM activity) AS q
