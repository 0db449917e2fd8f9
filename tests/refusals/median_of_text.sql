/*+++
title = { sv = "a", en = "b" }
+++*/
-- A text has no range of integers.
SELECT median(education) AS middle FROM participation
