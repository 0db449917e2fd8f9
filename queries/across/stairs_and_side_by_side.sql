/*+++
title = { sv = "Andel till arbete, studier eller eget företag: trappan bredvid parallella insatser", en = "Share to work, studies or own business: the stairs beside parallel interventions" }
order = 6
weight = 8

[columns]
way = { sv = "Väg", en = "Way", codes = "way" }
share = { sv = "Andel", en = "Share" }
+++*/
SELECT way, avg(CASE WHEN exit_state IN ('work', 'studies', 'own_business') THEN 1 ELSE 0 END) AS share
FROM   (SELECT f.exit_state,
               CASE WHEN f.project = 'asap' THEN CASE WHEN coalesce(m.n, 0) < 3 THEN 'stairs_part' ELSE 'stairs_whole' END
                    WHEN coalesce(a.n, 0) < 2 THEN 'side_by_side_1' WHEN a.n = 2 THEN 'side_by_side_2'
                    ELSE 'side_by_side_3' END AS way
        FROM   participation f
        LEFT   JOIN (SELECT participant, contribution, count(*) AS n FROM milestone GROUP BY participant, contribution) AS m
               ON f.participant = m.participant AND f.contribution = m.contribution
        LEFT   JOIN (SELECT participant, contribution, count(*) AS n FROM activity GROUP BY participant, contribution) AS a
               ON f.participant = a.participant AND f.contribution = a.contribution
        WHERE  f.project IN ('asap', 'progress') AND f.entry = 1 AND f.exit_state IS NOT NULL) AS ways
GROUP  BY way
