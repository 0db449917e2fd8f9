/*+++
title = { sv = "a", en = "b" }
+++*/
-- EXISTS over a private table without the unit: one row of one person decides for all.
SELECT sex, count(*) AS n FROM participation WHERE EXISTS (SELECT 1 FROM milestone WHERE step = 'disability_coding') GROUP BY sex
