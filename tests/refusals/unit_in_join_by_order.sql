/*+++
title = { sv = "a", en = "b" }
+++*/
-- The order of pseudonyms is compared, not their equality.
SELECT count(*) AS n FROM participation f JOIN activity a ON f.participant >= a.participant AND f.participant <= a.participant
