/*+++
title = { sv = "a", en = "b" }
+++*/
-- One known pseudonym is asked for through a public sub-query.
SELECT sex, count(*) AS n FROM participation WHERE participant IN (SELECT X'00' AS who FROM project) GROUP BY sex
