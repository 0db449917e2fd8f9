/*+++
title = { sv = "a", en = "b" }
+++*/
-- A measure that depends on the pseudonym's value.
SELECT sum(CASE WHEN participant < X'80' THEN 1 ELSE 0 END) AS n FROM participation
