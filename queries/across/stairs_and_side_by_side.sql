/*+++
title = { sv = "Andel till arbete, studier eller eget företag: trappan bredvid parallella insatser", en = "Share to work, studies or own business: the stairs beside parallel interventions" }
order = 6

[columns]
way = { sv = "Väg", en = "Way", codes = "way" }
share = { sv = "Andel", en = "Share" }
+++*/
SELECT way, avg(CASE WHEN exit_state IN ('work', 'studies', 'own_business') THEN 1 ELSE 0 END) AS share
FROM   (SELECT 'stairs_part' AS way, f.exit_state FROM participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM milestone GROUP BY participant, contribution) AS m
               ON f.participant = m.participant AND f.contribution = m.contribution
        WHERE  f.project = 'asap' AND f.entry = 1 AND m.n < 3
        UNION ALL
        SELECT 'stairs_whole' AS way, f.exit_state FROM participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM milestone GROUP BY participant, contribution) AS m
               ON f.participant = m.participant AND f.contribution = m.contribution
        WHERE  f.project = 'asap' AND f.entry = 1 AND m.n >= 3
        UNION ALL
        SELECT 'side_by_side_1' AS way, f.exit_state FROM participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM activity GROUP BY participant, contribution) AS a
               ON f.participant = a.participant AND f.contribution = a.contribution
        WHERE  f.project = 'progress' AND f.entry = 1 AND f.exit_state IS NOT NULL AND a.n = 1
        UNION ALL
        SELECT 'side_by_side_2' AS way, f.exit_state FROM participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM activity GROUP BY participant, contribution) AS a
               ON f.participant = a.participant AND f.contribution = a.contribution
        WHERE  f.project = 'progress' AND f.entry = 1 AND f.exit_state IS NOT NULL AND a.n = 2
        UNION ALL
        SELECT 'side_by_side_3' AS way, f.exit_state FROM participation f
        JOIN   (SELECT participant, contribution, count(*) AS n FROM activity GROUP BY participant, contribution) AS a
               ON f.participant = a.participant AND f.contribution = a.contribution
        WHERE  f.project = 'progress' AND f.entry = 1 AND f.exit_state IS NOT NULL AND a.n >= 3) AS ways
GROUP  BY way
