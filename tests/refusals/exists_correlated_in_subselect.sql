/*+++
title = { sv = "a", en = "b" }
+++*/
-- The correlation stands deeper than the certificate can say.
SELECT sex, count(*) AS n FROM participation f WHERE EXISTS (SELECT 1 FROM (SELECT m.step FROM milestone m WHERE m.participant = f.participant) AS q) GROUP BY sex
