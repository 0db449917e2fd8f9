/*+++
title = { sv = "a", en = "b" }
+++*/
-- A private total stands beside each cell without noise of its own.
SELECT sex, count(*) AS n, (SELECT count(*) FROM participation) AS total FROM participation GROUP BY sex
