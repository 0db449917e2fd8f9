/*+++
title = { sv = "a", en = "b" }
+++*/
-- Text is compared with a number: the types differ, and a cast is inserted.
SELECT count(*) AS n FROM participation WHERE municipality = 1315
