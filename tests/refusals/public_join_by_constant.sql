/*+++
title = { sv = "a", en = "b" }
+++*/
-- A condition on a constant joins every private row with a public row of no relation.
SELECT p.region, count(*) AS n FROM participation f JOIN project p ON p.project = 'asap' GROUP BY p.region
