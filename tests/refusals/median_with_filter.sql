/*+++
title = { sv = "a", en = "b" }
+++*/
-- The filter of a quantile would not reach its candidates.
SELECT median(age) FILTER (WHERE sex = 'female') AS middle FROM participation
