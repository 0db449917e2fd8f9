/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, count(*) AS n
FROM   participation TABLESAMPLE SYSTEM (10)
GROUP  BY sex
