/*+++
title = { sv = "a", en = "b" }
+++*/
-- Two ratings of one day leave open which is first.
SELECT avg(s) AS mean FROM (SELECT participant, first_value(score ORDER BY date) AS s FROM rating GROUP BY participant) AS q
