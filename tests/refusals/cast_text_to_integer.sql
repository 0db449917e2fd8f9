/*+++
title = { sv = "a", en = "b" }
+++*/
-- A cast of text to a number fails on the row that does not parse.
SELECT count(*) AS n FROM participation WHERE CAST(municipality AS BIGINT) > 1300
