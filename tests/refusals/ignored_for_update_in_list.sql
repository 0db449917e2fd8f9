/*+++
title = { sv = "a", en = "b" }
+++*/
-- Nothing is locked.
SELECT project, count(*) AS n FROM participation WHERE participant IN (SELECT participant FROM activity FOR UPDATE) GROUP BY project
