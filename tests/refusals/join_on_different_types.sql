/*+++
title = { sv = "a", en = "b" }
+++*/
-- A join of a number with a text: a cast is inserted.
SELECT count(*) AS n FROM participation f JOIN activity a ON f.participant = a.participant AND f.age = a.kind
