/*+++
title = { sv = "a", en = "b" }
+++*/
-- The engine's texts have no length: nothing would be shortened.
SELECT CAST(office AS varchar(2)) AS o, count(*) AS n FROM participation GROUP BY o
