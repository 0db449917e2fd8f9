/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT sex, count(exit_state) AS n FROM participation GROUP BY sex
