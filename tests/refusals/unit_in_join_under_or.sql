/*+++
title = { sv = "a", en = "b" }
+++*/
-- The unit's equality is one side of OR: other people's rows meet too.
SELECT count(*) AS n FROM participation f JOIN activity a ON f.participant = a.participant OR f.project = a.project
