/*+++
title = { sv = "a", en = "b" }
+++*/
-- The unit is compared with another person's column that is not the unit.
SELECT count(*) AS n FROM participation f JOIN activity a ON f.participant = a.project
