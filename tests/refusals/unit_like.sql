/*+++
title = { sv = "a", en = "b" }
+++*/
-- A pattern on the pseudonym.
SELECT count(*) AS n FROM participation WHERE CAST(participant AS VARCHAR) LIKE 'a%'
