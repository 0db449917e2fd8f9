/*+++
title = { sv = "a", en = "b" }
+++*/
-- EXCEPT lets one person's row remove those of others.
SELECT count(*) AS n FROM (SELECT municipality FROM participation EXCEPT SELECT municipality FROM participation WHERE exit_state = 'work') AS q
