/*+++
title = { sv = "a", en = "b" }
+++*/
-- A part of a date whose range is not on the list.
SELECT date_part('doy', start) AS day, count(*) AS n FROM participation GROUP BY day
