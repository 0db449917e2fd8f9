/*+++
title = { sv = "a", en = "b" }
+++*/
-- The columns of a natural join are not written down: project alone could be one of few in common.
SELECT count(*) AS n FROM (SELECT project, sex FROM participation) f NATURAL JOIN (SELECT project, kind FROM activity) a
