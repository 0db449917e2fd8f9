/*+++
title = { sv = "a", en = "b" }
+++*/
-- The grid of these keys has more cells than any release may publish.
SELECT municipality, office, education, labour_status, exit_state, age_band, count(*) AS n FROM participation GROUP BY municipality, office, education, labour_status, exit_state, age_band
