/*+++
title = { sv = "a", en = "b" }
+++*/
-- A regular expression as a function.
SELECT count(*) AS n FROM participation WHERE regexp_like(office, '^team')
