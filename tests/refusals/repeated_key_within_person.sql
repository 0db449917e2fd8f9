/*+++
title = { sv = "a", en = "b" }
+++*/
-- At the door a key may be named twice; within the person it may not.
SELECT n, count(*) AS m FROM (SELECT participant, project, count(*) AS n FROM participation GROUP BY participant, project, project) AS q GROUP BY n
