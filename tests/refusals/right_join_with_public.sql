/*+++
title = { sv = "a", en = "b" }
+++*/
-- A right join keeps the public side: rows appear without a person.
SELECT p.region, count(*) AS n FROM participation f RIGHT JOIN project p ON f.project = p.project GROUP BY p.region
