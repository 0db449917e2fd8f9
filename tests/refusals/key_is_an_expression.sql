/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT upper(sex) AS s, count(*) AS n FROM participation GROUP BY upper(sex)
