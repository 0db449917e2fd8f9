/*+++
title = { sv = "a", en = "b" }
+++*/
-- The escape character of a pattern is not followed.
SELECT count(*) AS n FROM participation WHERE office LIKE 'af!_%' ESCAPE '!'
