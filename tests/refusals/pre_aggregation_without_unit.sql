/*+++
title = { sv = "a", en = "b" }
+++*/
-- The inner groups mix people: one person moves max(age) and with it another cell.
SELECT CASE WHEN oldest > 60 THEN 'old' ELSE 'young' END AS age_group, count(*) AS n FROM (SELECT project, max(age) AS oldest FROM participation GROUP BY project) AS q GROUP BY age_group
