/*+++
title = { sv = "a", en = "b" }
+++*/
-- What EXISTS selects is evaluated on private rows too.
SELECT sex, count(*) AS n FROM participation f WHERE EXISTS (SELECT 10 / m.age FROM participation m WHERE m.participant = f.participant) GROUP BY sex
