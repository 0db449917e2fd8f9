/*+++
title = { sv = "a", en = "b" }
+++*/
-- Fails on every row that is there: empty and not empty differ.
SELECT count(*) AS n FROM participation WHERE age / 0 = 1
