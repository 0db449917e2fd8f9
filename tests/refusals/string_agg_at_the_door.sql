/*+++
title = { sv = "a", en = "b" }
+++*/
-- Publishes texts of rows.
SELECT sex, string_agg(municipality, ',') AS places FROM participation GROUP BY sex
