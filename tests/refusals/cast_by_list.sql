/*+++
title = { sv = "a", en = "b" }
+++*/
-- Text is sought in a list of numbers: the types differ, and a cast is inserted.
SELECT count(*) AS n FROM participation WHERE municipality IN (1315, 1380)
