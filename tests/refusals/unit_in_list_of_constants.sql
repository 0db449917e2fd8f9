/*+++
title = { sv = "a", en = "b" }
+++*/
-- Asks for known pseudonyms.
SELECT sex, count(*) AS n FROM participation WHERE participant IN (X'01', X'02') GROUP BY sex
