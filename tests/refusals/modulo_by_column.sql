/*+++
title = { sv = "a", en = "b" }
+++*/
-- Modulo by zero fails on a row.
SELECT count(*) AS n FROM participation WHERE 100 % age = 1
