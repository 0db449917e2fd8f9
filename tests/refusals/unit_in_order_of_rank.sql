/*+++
title = { sv = "a", en = "b" }
+++*/
-- A window above a per-person table sorts by pseudonym.
SELECT rank() OVER (ORDER BY participant) AS place, n FROM (SELECT participant, count(*) AS n FROM activity GROUP BY participant) AS q
