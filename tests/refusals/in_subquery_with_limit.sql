/*+++
title = { sv = "a", en = "b" }
+++*/
-- Which unit the LIMIT keeps depends on everybody's rows.
SELECT sex, count(*) AS n FROM participation WHERE participant IN (SELECT participant FROM milestone LIMIT 5) GROUP BY sex
