/*+++
title = { sv = "a", en = "b" }
+++*/
-- A sample in a sub-query would be the whole table.
SELECT project, count(*) AS n FROM participation f WHERE EXISTS (SELECT 1 FROM activity a TABLESAMPLE (10) WHERE a.participant = f.participant) GROUP BY project
