/*+++
title = { sv = "a", en = "b" }
+++*/
-- A private sub-query above the door would be published exactly, through which cells show.
SELECT sex, count(*) AS n FROM participation GROUP BY sex HAVING count(*) > (SELECT count(*) FROM milestone)
