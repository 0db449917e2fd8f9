/*+++
title = { sv = "a", en = "b" }
anonymous = true
+++*/
SELECT count(*) FILTER (WHERE project = 'asap') AS n FROM participation
