/*+++
title = { sv = "a", en = "b" }
+++*/
-- Asks for one known pseudonym.
SELECT count(*) AS n FROM participation WHERE participant = X'0123456789abcdef0123456789abcdef'
