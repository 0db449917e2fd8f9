/*+++
title = { sv = "Andel till arbete, studier eller eget företag efter projekt", en = "Share to work, studies or own business by project" }
order = 2

[columns]
share = { sv = "Andel", en = "Share" }
+++*/
SELECT p.project, avg(CASE WHEN f.exit_state IN ('work', 'studies', 'own_business') THEN 1 ELSE 0 END) AS share
FROM   participation f JOIN project p USING (project)
WHERE  f.exit_state IS NOT NULL AND p.enrols
GROUP  BY p.project
