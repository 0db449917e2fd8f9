/*+++
title = { sv = "Utfall efter projekt", en = "Outcomes by project" }
order = 1
differs = { from = "asap.exits", sv = "här räknas varje avslutat deltagande, där vars och ens första i ASAP, med mer av budgeten; för ASAP ensamt är de talen bättre.", en = "here every participation that ended counts, there each person’s first one in ASAP, with more of the budget; for ASAP alone those numbers are better." }

[columns]
outcome = { sv = "Utfall", en = "Outcome", codes = "outcome" }
+++*/
SELECT p.project, CASE WHEN f.exit_state IN ('work', 'studies', 'own_business') THEN 'work_or_studies' ELSE 'other' END AS outcome,
       count(*) AS participations
FROM   participation f JOIN project p USING (project)
WHERE  f.exit_state IS NOT NULL AND p.enrols
GROUP  BY p.project, outcome
