/*+++
title = { sv = "a", en = "b" }
+++*/
-- A quantile from above would be answered from below.
SELECT percentile_cont(0.25) WITHIN GROUP (ORDER BY age DESC) AS q FROM participation
