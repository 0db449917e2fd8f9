/*+++
title = { sv = "a", en = "b" }
+++*/
-- substr can fail by data, and gives keys without a list.
SELECT substr(municipality, 1, 2) AS county, count(*) AS n FROM participation GROUP BY county
