/*+++
title = { sv = "a", en = "b" }
+++*/
-- Which row is first depends on storage.
SELECT area, count(*) AS n FROM (SELECT participant, first_value(area) AS area FROM rating GROUP BY participant) AS q GROUP BY area
