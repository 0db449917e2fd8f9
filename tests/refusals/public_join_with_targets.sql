/*+++
title = { sv = "a", en = "b" }
+++*/
-- A project has many targets: the project is not the key of target.
SELECT t.target, count(*) AS n FROM participation f JOIN target t USING (project) GROUP BY t.target
