/*+++
title = { sv = "a", en = "b" }
+++*/
-- The unit leaves through an outer select above the aggregate.
SELECT q.participant, q.n FROM (SELECT participant, count(*) AS n FROM activity GROUP BY participant) AS q
