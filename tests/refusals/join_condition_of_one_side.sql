/*+++
title = { sv = "a", en = "b" }
+++*/
-- An equality of the unit with itself on one side is no join on the unit.
SELECT count(*) AS n FROM participation f JOIN activity a ON f.participant = f.participant
