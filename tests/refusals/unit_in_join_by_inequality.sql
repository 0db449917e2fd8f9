/*+++
title = { sv = "a", en = "b" }
+++*/
-- Each person meets all others.
SELECT count(*) AS n FROM participation f JOIN participation g ON f.participant <> g.participant AND f.project = g.project
