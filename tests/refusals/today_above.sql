/*+++
title = { sv = "a", en = "b" }
+++*/
-- Published again tomorrow, the table would be another.
SELECT sex, count(*) AS n, current_date() AS day FROM participation GROUP BY sex
