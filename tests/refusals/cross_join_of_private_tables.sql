/*+++
title = { sv = "a", en = "b" }
+++*/
-- Everybody meets everybody.
SELECT count(*) AS n FROM participation CROSS JOIN milestone
