/*+++
title = { sv = "a", en = "b" }
+++*/
-- A regular expression's time and failure depend on the text.
SELECT count(*) AS n FROM participation WHERE municipality ~ '^13'
