/*+++
title = { sv = "Andel som slutade minst ett steg högre, av dem som skattade minst två gånger", en = "Share who ended at least one step higher, of those who rated at least twice" }
order = 1

[columns]
area = { sv = "Område", en = "Area", codes = "instrument_area" }
share = { sv = "Andel", en = "Share" }
+++*/
SELECT area, avg(improved) AS share
FROM   (SELECT 'type_of_work' AS area, CASE WHEN r.last > r.first THEN 1 ELSE 0 END AS improved FROM participation f
        JOIN   (SELECT participant, contribution, first_value(score ORDER BY date, ordinal, contribution) AS first,
                       last_value(score ORDER BY date, ordinal, contribution) AS last
                FROM   rating WHERE area = 'type_of_work' AND rater = 'participant'
                GROUP  BY participant, contribution HAVING count(*) >= 2) AS r
               ON f.participant = r.participant AND f.contribution = r.contribution
        WHERE  f.project = 'progress' AND f.entry = 1
        UNION ALL
        SELECT 'managing_a_job' AS area, CASE WHEN r.last > r.first THEN 1 ELSE 0 END AS improved FROM participation f
        JOIN   (SELECT participant, contribution, first_value(score ORDER BY date, ordinal, contribution) AS first,
                       last_value(score ORDER BY date, ordinal, contribution) AS last
                FROM   rating WHERE area = 'managing_a_job' AND rater = 'participant'
                GROUP  BY participant, contribution HAVING count(*) >= 2) AS r
               ON f.participant = r.participant AND f.contribution = r.contribution
        WHERE  f.project = 'progress' AND f.entry = 1
        UNION ALL
        SELECT 'competence' AS area, CASE WHEN r.last > r.first THEN 1 ELSE 0 END AS improved FROM participation f
        JOIN   (SELECT participant, contribution, first_value(score ORDER BY date, ordinal, contribution) AS first,
                       last_value(score ORDER BY date, ordinal, contribution) AS last
                FROM   rating WHERE area = 'competence' AND rater = 'participant'
                GROUP  BY participant, contribution HAVING count(*) >= 2) AS r
               ON f.participant = r.participant AND f.contribution = r.contribution
        WHERE  f.project = 'progress' AND f.entry = 1
        UNION ALL
        SELECT 'everyday_life_and_network' AS area, CASE WHEN r.last > r.first THEN 1 ELSE 0 END AS improved FROM participation f
        JOIN   (SELECT participant, contribution, first_value(score ORDER BY date, ordinal, contribution) AS first,
                       last_value(score ORDER BY date, ordinal, contribution) AS last
                FROM   rating WHERE area = 'everyday_life_and_network' AND rater = 'participant'
                GROUP  BY participant, contribution HAVING count(*) >= 2) AS r
               ON f.participant = r.participant AND f.contribution = r.contribution
        WHERE  f.project = 'progress' AND f.entry = 1
        UNION ALL
        SELECT 'ability_to_cooperate' AS area, CASE WHEN r.last > r.first THEN 1 ELSE 0 END AS improved FROM participation f
        JOIN   (SELECT participant, contribution, first_value(score ORDER BY date, ordinal, contribution) AS first,
                       last_value(score ORDER BY date, ordinal, contribution) AS last
                FROM   rating WHERE area = 'ability_to_cooperate' AND rater = 'participant'
                GROUP  BY participant, contribution HAVING count(*) >= 2) AS r
               ON f.participant = r.participant AND f.contribution = r.contribution
        WHERE  f.project = 'progress' AND f.entry = 1
        UNION ALL
        SELECT 'health' AS area, CASE WHEN r.last > r.first THEN 1 ELSE 0 END AS improved FROM participation f
        JOIN   (SELECT participant, contribution, first_value(score ORDER BY date, ordinal, contribution) AS first,
                       last_value(score ORDER BY date, ordinal, contribution) AS last
                FROM   rating WHERE area = 'health' AND rater = 'participant'
                GROUP  BY participant, contribution HAVING count(*) >= 2) AS r
               ON f.participant = r.participant AND f.contribution = r.contribution
        WHERE  f.project = 'progress' AND f.entry = 1) AS rated
GROUP  BY area
