/*+++
title = { sv = "Halland (PROGRESS): andel till arbete, studier eller eget företag efter insats", en = "Halland (PROGRESS): share to work, studies or own business by intervention" }
order = 7
differs = { from = "progress.side_by_side", sv = "här efter vilka insatser det var, där efter hur många.", en = "here by which interventions they were, there by how many." }

[columns]
intervention = { sv = "Insats", en = "Intervention", codes = "activity_kind" }
share = { sv = "Andel", en = "Share" }
+++*/
WITH   person AS (SELECT f.exit_state, a.*
                  FROM   participation f
                  JOIN   (SELECT participant, contribution,
                                 bool_or(kind = 'mapping') AS mapping,
                                 bool_or(kind = 'group_activity') AS group_activity,
                                 bool_or(kind = 'work_training') AS work_training,
                                 bool_or(kind = 'course') AS course
                          FROM   activity GROUP BY participant, contribution) AS a
                         ON f.participant = a.participant AND f.contribution = a.contribution
                  WHERE  f.project = 'progress' AND f.entry = 1 AND f.exit_state IS NOT NULL)
SELECT intervention, avg(CASE WHEN exit_state IN ('work', 'studies', 'own_business') THEN 1 ELSE 0 END) AS share
FROM   (SELECT 'mapping' AS intervention, exit_state FROM person WHERE mapping
        UNION ALL SELECT 'group_activity' AS intervention, exit_state FROM person WHERE group_activity
        UNION ALL SELECT 'work_training' AS intervention, exit_state FROM person WHERE work_training
        UNION ALL SELECT 'course' AS intervention, exit_state FROM person WHERE course) AS met
GROUP  BY intervention
