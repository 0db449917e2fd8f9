/*+++
title = { sv = "a", en = "b" }
+++*/
-- Columns of two types are compared: a cast of one of them is inserted.
SELECT count(*) AS n FROM participation WHERE age = municipality
