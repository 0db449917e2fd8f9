/*+++
title = { sv = "a", en = "b" }
+++*/
-- What equals the unit here is no longer surely a unit.
SELECT count(*) AS n FROM participation f JOIN activity a ON coalesce(f.participant, a.participant) = a.participant
