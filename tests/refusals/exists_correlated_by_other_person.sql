/*+++
title = { sv = "a", en = "b" }
+++*/
-- EXISTS asks for another person.
SELECT sex, count(*) AS n FROM participation f WHERE EXISTS (SELECT 1 FROM participation g WHERE g.participant <> f.participant AND g.municipality = f.municipality) GROUP BY sex
