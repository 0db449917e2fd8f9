/*+++
title = { sv = "a", en = "b" }
+++*/
-- The condition of an outer join can fail on a row as any other.
SELECT count(*) AS n FROM participation f LEFT JOIN milestone m ON f.participant = m.participant AND 10 / f.age > 1
