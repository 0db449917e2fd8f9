/*+++
title = { sv = "Hur många varje område nådde", en = "How many each area reached" }
order = 1

[columns]
area = { sv = "Aktivitetsområde", en = "Area of activity", codes = "activity_kind" }
participations = { sv = "Deltaganden", en = "Participations" }
+++*/
SELECT area, count(*) AS participations
FROM   (SELECT 'motivation' AS area FROM participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM activity WHERE kind = 'motivation'
                GROUP BY participant, contribution) AS a
               ON f.participant = a.participant AND f.contribution = a.contribution
        WHERE  f.project = 'nystart' AND f.entry = 1
        UNION ALL
        SELECT 'vocational_swedish' AS area FROM participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM activity WHERE kind = 'vocational_swedish'
                GROUP BY participant, contribution) AS a
               ON f.participant = a.participant AND f.contribution = a.contribution
        WHERE  f.project = 'nystart' AND f.entry = 1
        UNION ALL
        SELECT 'rehabilitation' AS area FROM participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM activity WHERE kind = 'rehabilitation'
                GROUP BY participant, contribution) AS a
               ON f.participant = a.participant AND f.contribution = a.contribution
        WHERE  f.project = 'nystart' AND f.entry = 1
        UNION ALL
        SELECT 'placement_and_education' AS area FROM participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM activity WHERE kind = 'placement_and_education'
                GROUP BY participant, contribution) AS a
               ON f.participant = a.participant AND f.contribution = a.contribution
        WHERE  f.project = 'nystart' AND f.entry = 1
        UNION ALL
        SELECT 'entrepreneurship' AS area FROM participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM activity WHERE kind = 'entrepreneurship'
                GROUP BY participant, contribution) AS a
               ON f.participant = a.participant AND f.contribution = a.contribution
        WHERE  f.project = 'nystart' AND f.entry = 1) AS reached
GROUP  BY area
