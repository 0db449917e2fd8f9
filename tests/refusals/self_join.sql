/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT a.sex, count(*) AS n FROM participation a JOIN participation b USING (project) GROUP BY a.sex
