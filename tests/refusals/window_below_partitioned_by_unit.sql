/*+++
title = { sv = "a", en = "b" }
+++*/
-- Windows are not accepted below the door, not even by person: filters may be pushed past them.
SELECT count(*) AS n FROM (SELECT lag(exit_state) OVER (PARTITION BY participant ORDER BY start) AS before, exit_state FROM participation) AS q WHERE before = 'work'
