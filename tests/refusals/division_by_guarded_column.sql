/*+++
title = { sv = "a", en = "b" }
+++*/
-- AND is no guard: the division may be evaluated first.
SELECT count(*) AS n FROM participation WHERE age <> 0 AND 100 / age > 2
