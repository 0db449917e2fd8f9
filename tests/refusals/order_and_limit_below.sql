/*+++
title = { sv = "a", en = "b" }
+++*/
-- Which rows LIMIT keeps depends on other people's rows.
SELECT sex, count(*) AS n FROM (SELECT sex FROM participation ORDER BY age DESC LIMIT 10) AS oldest GROUP BY sex
