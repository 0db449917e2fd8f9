/*+++
title = { sv = "a", en = "b" }
+++*/
-- round gives floats and can fail.
SELECT round(age / 3.0) AS third, count(*) AS n FROM participation GROUP BY third
