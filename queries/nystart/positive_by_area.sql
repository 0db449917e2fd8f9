/*+++
title = { sv = "Andel till arbete, studier eller eget företag efter område", en = "Share to work, studies or own business by area" }
order = 2

[columns]
area = { sv = "Aktivitetsområde", en = "Area of activity", codes = "activity_kind" }
share = { sv = "Andel", en = "Share" }
+++*/
SELECT area, avg(CASE WHEN exit_state IN ('work', 'studies', 'own_business') THEN 1 ELSE 0 END) AS share
FROM   (SELECT 'motivation' AS area, f.exit_state FROM participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM activity WHERE kind = 'motivation'
                GROUP BY participant, contribution) AS a
               ON f.participant = a.participant AND f.contribution = a.contribution
        WHERE  f.project = 'nystart' AND f.entry = 1
        UNION ALL
        SELECT 'vocational_swedish' AS area, f.exit_state FROM participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM activity WHERE kind = 'vocational_swedish'
                GROUP BY participant, contribution) AS a
               ON f.participant = a.participant AND f.contribution = a.contribution
        WHERE  f.project = 'nystart' AND f.entry = 1
        UNION ALL
        SELECT 'rehabilitation' AS area, f.exit_state FROM participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM activity WHERE kind = 'rehabilitation'
                GROUP BY participant, contribution) AS a
               ON f.participant = a.participant AND f.contribution = a.contribution
        WHERE  f.project = 'nystart' AND f.entry = 1
        UNION ALL
        SELECT 'placement_and_education' AS area, f.exit_state FROM participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM activity WHERE kind = 'placement_and_education'
                GROUP BY participant, contribution) AS a
               ON f.participant = a.participant AND f.contribution = a.contribution
        WHERE  f.project = 'nystart' AND f.entry = 1
        UNION ALL
        SELECT 'entrepreneurship' AS area, f.exit_state FROM participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM activity WHERE kind = 'entrepreneurship'
                GROUP BY participant, contribution) AS a
               ON f.participant = a.participant AND f.contribution = a.contribution
        WHERE  f.project = 'nystart' AND f.entry = 1) AS reached
GROUP  BY area
