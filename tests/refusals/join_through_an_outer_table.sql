/*+++
title = { sv = "a", en = "b" }
+++*/
-- Where g has no partner, its person is nobody.
SELECT f.project, count(*) AS n FROM participation f LEFT JOIN participation g ON f.participant = g.participant AND g.project = 'asap' JOIN participation h ON h.participant = g.participant GROUP BY f.project
