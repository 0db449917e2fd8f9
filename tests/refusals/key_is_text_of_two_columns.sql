/*+++
title = { sv = "a", en = "b" }
+++*/
-- Texts put together have no declared list.
SELECT sex || office AS what, count(*) AS n FROM participation GROUP BY what
