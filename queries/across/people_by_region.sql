/*+++
title = { sv = "Personer efter region, var och en räknad en gång", en = "People by region, each counted once" }
order = 1
differs = { from = "progress.people", sv = "där räknas PROGRESS för sig och noggrannare; här alla projekt i en region tillsammans, med en egen mätning.", en = "there PROGRESS counts by itself and more exactly; here all projects of a region together, by a measurement of their own." }
+++*/
SELECT p.region, count(DISTINCT f.participant) AS people
FROM   participation f JOIN project p USING (project)
WHERE  p.enrols
GROUP  BY p.region
