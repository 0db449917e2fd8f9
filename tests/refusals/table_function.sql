/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT value, count(*) AS n FROM generate_series(1, 3) GROUP BY value
