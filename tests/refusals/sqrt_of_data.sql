/*+++
title = { sv = "a", en = "b" }
+++*/
-- sqrt of a negative value fails or gives NaN by data.
SELECT count(*) AS n FROM participation WHERE sqrt(age - 10) > 2
