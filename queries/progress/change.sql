/*+++
title = { sv = "Par av första och sista skattning, och förändringen i medeltal", en = "Pairs of first and last rating, and the mean change" }
order = 2

[columns]
area = { sv = "Område", en = "Area", codes = "instrument_area" }
pairs = { sv = "Par", en = "Pairs" }
change = { sv = "Förändring, skalsteg", en = "Change, steps of the scale" }
+++*/
SELECT area, count(change) AS pairs, avg(change) AS change
FROM   (SELECT 'type_of_work' AS area, r.last - r.first AS change FROM participation f
        JOIN   (SELECT participant, contribution, first_value(score ORDER BY date, ordinal, contribution) AS first,
                       last_value(score ORDER BY date, ordinal, contribution) AS last
                FROM   rating WHERE area = 'type_of_work' AND rater = 'participant'
                GROUP  BY participant, contribution HAVING count(*) >= 2) AS r
               ON f.participant = r.participant AND f.contribution = r.contribution
        WHERE  f.project = 'progress' AND f.entry = 1
        UNION ALL
        SELECT 'managing_a_job' AS area, r.last - r.first AS change FROM participation f
        JOIN   (SELECT participant, contribution, first_value(score ORDER BY date, ordinal, contribution) AS first,
                       last_value(score ORDER BY date, ordinal, contribution) AS last
                FROM   rating WHERE area = 'managing_a_job' AND rater = 'participant'
                GROUP  BY participant, contribution HAVING count(*) >= 2) AS r
               ON f.participant = r.participant AND f.contribution = r.contribution
        WHERE  f.project = 'progress' AND f.entry = 1
        UNION ALL
        SELECT 'competence' AS area, r.last - r.first AS change FROM participation f
        JOIN   (SELECT participant, contribution, first_value(score ORDER BY date, ordinal, contribution) AS first,
                       last_value(score ORDER BY date, ordinal, contribution) AS last
                FROM   rating WHERE area = 'competence' AND rater = 'participant'
                GROUP  BY participant, contribution HAVING count(*) >= 2) AS r
               ON f.participant = r.participant AND f.contribution = r.contribution
        WHERE  f.project = 'progress' AND f.entry = 1
        UNION ALL
        SELECT 'everyday_life_and_network' AS area, r.last - r.first AS change FROM participation f
        JOIN   (SELECT participant, contribution, first_value(score ORDER BY date, ordinal, contribution) AS first,
                       last_value(score ORDER BY date, ordinal, contribution) AS last
                FROM   rating WHERE area = 'everyday_life_and_network' AND rater = 'participant'
                GROUP  BY participant, contribution HAVING count(*) >= 2) AS r
               ON f.participant = r.participant AND f.contribution = r.contribution
        WHERE  f.project = 'progress' AND f.entry = 1
        UNION ALL
        SELECT 'ability_to_cooperate' AS area, r.last - r.first AS change FROM participation f
        JOIN   (SELECT participant, contribution, first_value(score ORDER BY date, ordinal, contribution) AS first,
                       last_value(score ORDER BY date, ordinal, contribution) AS last
                FROM   rating WHERE area = 'ability_to_cooperate' AND rater = 'participant'
                GROUP  BY participant, contribution HAVING count(*) >= 2) AS r
               ON f.participant = r.participant AND f.contribution = r.contribution
        WHERE  f.project = 'progress' AND f.entry = 1
        UNION ALL
        SELECT 'health' AS area, r.last - r.first AS change FROM participation f
        JOIN   (SELECT participant, contribution, first_value(score ORDER BY date, ordinal, contribution) AS first,
                       last_value(score ORDER BY date, ordinal, contribution) AS last
                FROM   rating WHERE area = 'health' AND rater = 'participant'
                GROUP  BY participant, contribution HAVING count(*) >= 2) AS r
               ON f.participant = r.participant AND f.contribution = r.contribution
        WHERE  f.project = 'progress' AND f.entry = 1) AS rated
GROUP  BY area
