/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT t.sex, t.n, (SELECT count(*) FROM municipality AS a CROSS JOIN municipality AS b CROSS JOIN municipality AS c) AS triples
FROM (SELECT sex, count(*) AS n FROM participation GROUP BY sex) AS t
