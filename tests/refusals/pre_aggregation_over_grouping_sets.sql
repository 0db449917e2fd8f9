/*+++
title = { sv = "a", en = "b" }
+++*/
-- The set () of the inner grouping has no unit: its row mixes all people.
SELECT count(*) AS n FROM (SELECT participant, count(*) AS k FROM activity GROUP BY GROUPING SETS ((participant), ())) AS q WHERE k > 3
