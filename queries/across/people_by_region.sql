/*+++
title = { sv = "Personer efter region, var och en räknad en gång", en = "People by region, each counted once" }
order = 1
+++*/
SELECT p.region, count(DISTINCT f.participant) AS people
FROM   participation f JOIN project p USING (project)
WHERE  p.enrols
GROUP  BY p.region
