/*+++
title = { sv = "a", en = "b" }
+++*/
-- The unit passes nullif and may be NULL: then NOT IN holds for nobody.
SELECT sex, count(*) AS n FROM participation WHERE participant NOT IN (SELECT nullif(participant, X'00') FROM milestone) GROUP BY sex
