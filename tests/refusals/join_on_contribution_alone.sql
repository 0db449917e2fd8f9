/*+++
title = { sv = "a", en = "b" }
+++*/
-- Contribution numbers are shared by everybody: the first participation of all meets the first of all.
SELECT count(*) AS n FROM participation f JOIN activity a USING (contribution)
