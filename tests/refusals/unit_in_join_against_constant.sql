/*+++
title = { sv = "a", en = "b" }
+++*/
-- One known pseudonym is asked for through a join.
SELECT count(*) AS n FROM participation f JOIN (SELECT participant, X'00' AS who FROM activity) a ON f.participant = a.participant AND f.participant = a.who
