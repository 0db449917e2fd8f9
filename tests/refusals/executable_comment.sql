/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, count(*) AS n FROM participation /*! WHERE sex = 'male' */ GROUP BY sex
