/*+++
title = { sv = "a", en = "b" }
+++*/
-- A fraction above one is no quantile.
SELECT approx_percentile_cont(age, 1.5) AS q FROM participation
