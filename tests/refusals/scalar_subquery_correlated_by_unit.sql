/*+++
title = { sv = "a", en = "b" }
+++*/
-- A scalar sub-query may fail with more than one row, which depends on data.
SELECT count(*) AS n FROM participation f WHERE (SELECT a.kind FROM activity a WHERE a.participant = f.participant) = 'course'
