/*+++
title = { sv = "a", en = "b" }
+++*/
-- Nor above it.
SELECT q.exit_state, sum(q.n) AS n FROM (SELECT exit_state, sex, count(*) AS n FROM participation GROUP BY exit_state, sex) AS q GROUP BY q.exit_state, q.exit_state
