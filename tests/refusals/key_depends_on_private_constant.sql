/*+++
title = { sv = "a", en = "b" }
+++*/
-- The key's values come from a private sub-query.
SELECT CASE WHEN age > (SELECT max(age) FROM rating r JOIN participation g USING (participant)) THEN 'a' ELSE 'b' END AS k, count(*) AS n FROM participation GROUP BY k
