/*+++
title = { sv = "a", en = "b" }
+++*/
-- The unit stands in the condition, but CASE lets rows of different people meet.
SELECT count(*) AS n FROM participation f JOIN activity a ON CASE WHEN f.sex = 'female' THEN f.participant = a.participant ELSE true END
