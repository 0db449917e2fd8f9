/*+++
title = { sv = "a", en = "b" }
+++*/
-- A shifted day may leave the calendar; the difference of two days is a number.
SELECT count(*) AS n FROM participation WHERE start - 30 < DATE '2022-01-01'
