/*+++
title = { sv = "a", en = "b" }
+++*/
-- The smallest pseudonym is a pseudonym.
SELECT sex, min(participant) AS who FROM participation GROUP BY sex
