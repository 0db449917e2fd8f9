/*+++
title = { sv = "a", en = "b" }
+++*/
-- random() draws anew in each run: sensitivity of what?
SELECT sex, count(*) AS n FROM participation WHERE random() < 0.1 GROUP BY sex
