/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT step, count(*) AS n
FROM   milestone
GROUP  BY step
