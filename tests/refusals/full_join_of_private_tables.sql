/*+++
title = { sv = "a", en = "b" }
+++*/
-- A full join of private tables gives rows without a unit on one side.
SELECT count(*) AS n FROM participation f FULL JOIN activity a ON f.participant = a.participant AND f.contribution = a.contribution
