/*+++
title = { sv = "a", en = "b" }
+++*/
-- VALUES are not landed rows of anybody.
SELECT column1 AS sex, count(*) AS n FROM (VALUES ('female'), ('male')) AS v GROUP BY column1
