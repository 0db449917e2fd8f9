/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT shoe_size, count(*) AS n FROM participation GROUP BY shoe_size
