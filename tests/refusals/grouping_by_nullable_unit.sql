/*+++
title = { sv = "a", en = "b" }
+++*/
-- After a left join the right side's unit is NULL for many people: they fall into one group.
SELECT count(*) AS n FROM (SELECT m.participant, count(*) AS k FROM participation f LEFT JOIN milestone m ON f.participant = m.participant GROUP BY m.participant) AS q WHERE k > 2
