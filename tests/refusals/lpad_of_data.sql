/*+++
title = { sv = "a", en = "b" }
+++*/
-- lpad may panic on a length from data.
SELECT count(*) AS n FROM participation WHERE lpad(municipality, age, '0') = '00'
