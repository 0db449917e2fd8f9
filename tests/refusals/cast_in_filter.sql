/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, count(*) AS n FROM participation WHERE CAST(office AS INTEGER) = 1 GROUP BY sex
