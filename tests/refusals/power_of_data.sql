/*+++
title = { sv = "a", en = "b" }
+++*/
-- power overflows by data.
SELECT count(*) AS n FROM participation WHERE power(age, 20) > 5
