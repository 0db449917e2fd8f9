/*+++
title = { sv = "a", en = "b" }
+++*/
-- Division by zero fails on a row and thereby tells of it.
SELECT count(*) AS n FROM participation WHERE 100 / age > 2
