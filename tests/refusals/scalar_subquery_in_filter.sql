/*+++
title = { sv = "a", en = "b" }
+++*/
-- A scalar sub-query over a private table: one person moves the mean and with it all rows.
SELECT sex, count(*) AS n FROM participation WHERE age > (SELECT avg(age) FROM participation) GROUP BY sex
