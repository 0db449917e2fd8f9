/*+++
title = { sv = "a", en = "b" }
+++*/
-- An order below the door.
SELECT sex, count(*) AS n FROM participation WHERE participant IN (SELECT participant FROM milestone ORDER BY date) GROUP BY sex
