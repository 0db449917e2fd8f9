/*+++
title = { sv = "a", en = "b" }
+++*/
-- nullif compares the pseudonym with itself.
SELECT nullif(sex, CASE WHEN participant = X'00' THEN 'male' END) AS k, count(*) AS n FROM participation GROUP BY k
