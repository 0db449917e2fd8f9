/*+++
title = { sv = "a", en = "b" }
+++*/
-- Under another name in a UNION the unit becomes an ordinary column.
SELECT x, count(*) AS n FROM (SELECT project AS x FROM participation UNION ALL SELECT CAST(participant AS VARCHAR) AS x FROM participation) AS q GROUP BY x
