/*+++
title = { sv = "a", en = "b" }
+++*/
-- The fraction of the quantile comes from rows.
SELECT approx_percentile_cont(age, CAST(foreign_background AS DOUBLE)) AS q FROM participation GROUP BY foreign_background
