/*+++
title = { sv = "Halland (PROGRESS): andel till arbete, studier eller eget företag efter insats", en = "Halland (PROGRESS): share to work, studies or own business by intervention" }
order = 4

[columns]
intervention = { sv = "Insats", en = "Intervention", codes = "activity_kind" }
share = { sv = "Andel", en = "Share" }
+++*/
SELECT intervention, avg(CASE WHEN exit_state IN ('work', 'studies', 'own_business') THEN 1 ELSE 0 END) AS share
FROM   (SELECT 'mapping' AS intervention, f.exit_state FROM participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM activity WHERE kind = 'mapping'
                GROUP BY participant, contribution) AS a
               ON f.participant = a.participant AND f.contribution = a.contribution
        WHERE  f.project = 'progress' AND f.entry = 1 AND f.exit_state IS NOT NULL
        UNION ALL
        SELECT 'group_activity' AS intervention, f.exit_state FROM participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM activity WHERE kind = 'group_activity'
                GROUP BY participant, contribution) AS a
               ON f.participant = a.participant AND f.contribution = a.contribution
        WHERE  f.project = 'progress' AND f.entry = 1 AND f.exit_state IS NOT NULL
        UNION ALL
        SELECT 'work_training' AS intervention, f.exit_state FROM participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM activity WHERE kind = 'work_training'
                GROUP BY participant, contribution) AS a
               ON f.participant = a.participant AND f.contribution = a.contribution
        WHERE  f.project = 'progress' AND f.entry = 1 AND f.exit_state IS NOT NULL
        UNION ALL
        SELECT 'course' AS intervention, f.exit_state FROM participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM activity WHERE kind = 'course'
                GROUP BY participant, contribution) AS a
               ON f.participant = a.participant AND f.contribution = a.contribution
        WHERE  f.project = 'progress' AND f.entry = 1 AND f.exit_state IS NOT NULL) AS met
GROUP  BY intervention
