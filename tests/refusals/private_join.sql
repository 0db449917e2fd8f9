/*+++
title = { sv = "Prov", en = "Trial" }
+++*/
SELECT f.sex, count(*) AS n FROM participation f JOIN milestone m USING (participant) GROUP BY f.sex
