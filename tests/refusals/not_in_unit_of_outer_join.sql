/*+++
title = { sv = "a", en = "b" }
+++*/
-- The unit of a left join's right side is NULL where nothing matched.
SELECT sex, count(*) AS n FROM participation WHERE participant NOT IN (SELECT m.participant FROM participation f LEFT JOIN milestone m ON f.participant = m.participant) GROUP BY sex
