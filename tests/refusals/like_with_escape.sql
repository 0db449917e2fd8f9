/*+++
title = { sv = "a", en = "b" }
+++*/
-- A pattern may be malformed, and an escape is where.
SELECT count(*) AS n FROM participation WHERE office LIKE 'af\_%'
