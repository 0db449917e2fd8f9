/*+++
title = { sv = "a", en = "b" }
+++*/
-- The length or digest of a pseudonym is information about it.
SELECT octet_length(participant) AS l, count(*) AS n FROM participation GROUP BY l
