/*+++
title = { sv = "a", en = "b" }
+++*/
-- A private row may meet many public rows.
SELECT p.project, count(*) AS n FROM participation f JOIN project p ON f.start >= p.start GROUP BY p.project
