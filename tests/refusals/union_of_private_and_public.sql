/*+++
title = { sv = "a", en = "b" }
+++*/
-- Public rows among the private: they belong to nobody.
SELECT project, count(*) AS n FROM (SELECT project FROM participation UNION ALL SELECT project FROM project) AS q GROUP BY project
