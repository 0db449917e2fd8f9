/*+++
title = { sv = "a", en = "b" }
+++*/
-- A comma is a cross join; the condition does not name the unit.
SELECT count(*) AS n FROM participation f, milestone m WHERE f.project = m.project
