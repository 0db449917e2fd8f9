/*+++
title = { sv = "Grupper", en = "Groups" }
order = 6

[columns]
indicator = { sv = "Indikator", en = "Indicator", codes = "indicator" }
scheme = { sv = "Programperiod", en = "Programme period" }
participants = { sv = "Deltagare", en = "Participants" }
sex = { sv = "Kön", en = "Sex", codes = "sex" }
code = { sv = "Grupp", en = "Group" }
n = { sv = "Deltagare", en = "Participants" }
+++*/
SELECT i.scheme, i.indicator, c.sex, sum(c.n) AS participants
FROM   (SELECT sex, code, count(*) AS n
        FROM   (SELECT p.sex, 'foreign_background' AS code FROM (SELECT participant, last_value(sex ORDER BY start, contribution) AS sex,
                       last_value(age ORDER BY start, contribution) AS age,
                       last_value(labour_status ORDER BY start, contribution) AS labour_status,
                       last_value(education ORDER BY start, contribution) AS education,
                       last_value(foreign_background ORDER BY start, contribution) AS foreign_background
                FROM   participation WHERE project = 'progress' GROUP BY participant) AS p
                WHERE  p.sex IS NOT NULL AND p.age IS NOT NULL AND p.labour_status IS NOT NULL AND p.education IS NOT NULL AND p.foreign_background
                UNION ALL
                SELECT p.sex, 'foreign_or_minority' AS code FROM (SELECT participant, last_value(sex ORDER BY start, contribution) AS sex,
                       last_value(age ORDER BY start, contribution) AS age,
                       last_value(labour_status ORDER BY start, contribution) AS labour_status,
                       last_value(education ORDER BY start, contribution) AS education,
                       last_value(foreign_background ORDER BY start, contribution) AS foreign_background,
                       last_value(minority ORDER BY start, contribution) AS minority
                FROM   participation WHERE project = 'progress' GROUP BY participant) AS p
                WHERE  p.sex IS NOT NULL AND p.age IS NOT NULL AND p.labour_status IS NOT NULL AND p.education IS NOT NULL AND (p.foreign_background OR p.minority)
                UNION ALL
                SELECT p.sex, 'minority' AS code FROM (SELECT participant, last_value(sex ORDER BY start, contribution) AS sex,
                       last_value(age ORDER BY start, contribution) AS age,
                       last_value(labour_status ORDER BY start, contribution) AS labour_status,
                       last_value(education ORDER BY start, contribution) AS education,
                       last_value(minority ORDER BY start, contribution) AS minority
                FROM   participation WHERE project = 'progress' GROUP BY participant) AS p
                WHERE  p.sex IS NOT NULL AND p.age IS NOT NULL AND p.labour_status IS NOT NULL AND p.education IS NOT NULL AND p.minority
                UNION ALL
                SELECT p.sex, 'third_country' AS code FROM (SELECT participant, last_value(sex ORDER BY start, contribution) AS sex,
                       last_value(age ORDER BY start, contribution) AS age,
                       last_value(labour_status ORDER BY start, contribution) AS labour_status,
                       last_value(education ORDER BY start, contribution) AS education,
                       last_value(third_country ORDER BY start, contribution) AS third_country
                FROM   participation WHERE project = 'progress' GROUP BY participant) AS p
                WHERE  p.sex IS NOT NULL AND p.age IS NOT NULL AND p.labour_status IS NOT NULL AND p.education IS NOT NULL AND p.third_country
                UNION ALL
                SELECT p.sex, 'disability' AS code FROM (SELECT participant, last_value(sex ORDER BY start, contribution) AS sex,
                       last_value(age ORDER BY start, contribution) AS age,
                       last_value(labour_status ORDER BY start, contribution) AS labour_status,
                       last_value(education ORDER BY start, contribution) AS education,
                       last_value(disability ORDER BY start, contribution) AS disability
                FROM   participation WHERE project = 'progress' GROUP BY participant) AS p
                WHERE  p.sex IS NOT NULL AND p.age IS NOT NULL AND p.labour_status IS NOT NULL AND p.education IS NOT NULL AND p.disability
                UNION ALL
                SELECT p.sex, 'disadvantaged' AS code FROM (SELECT participant, last_value(sex ORDER BY start, contribution) AS sex,
                       last_value(age ORDER BY start, contribution) AS age,
                       last_value(labour_status ORDER BY start, contribution) AS labour_status,
                       last_value(education ORDER BY start, contribution) AS education,
                       last_value(disadvantaged ORDER BY start, contribution) AS disadvantaged
                FROM   participation WHERE project = 'progress' GROUP BY participant) AS p
                WHERE  p.sex IS NOT NULL AND p.age IS NOT NULL AND p.labour_status IS NOT NULL AND p.education IS NOT NULL AND p.disadvantaged
                UNION ALL
                SELECT p.sex, 'homeless' AS code FROM (SELECT participant, last_value(sex ORDER BY start, contribution) AS sex,
                       last_value(age ORDER BY start, contribution) AS age,
                       last_value(labour_status ORDER BY start, contribution) AS labour_status,
                       last_value(education ORDER BY start, contribution) AS education,
                       last_value(homeless ORDER BY start, contribution) AS homeless
                FROM   participation WHERE project = 'progress' GROUP BY participant) AS p
                WHERE  p.sex IS NOT NULL AND p.age IS NOT NULL AND p.labour_status IS NOT NULL AND p.education IS NOT NULL AND p.homeless
                UNION ALL
                SELECT p.sex, 'rural' AS code FROM (SELECT participant, last_value(sex ORDER BY start, contribution) AS sex,
                       last_value(age ORDER BY start, contribution) AS age,
                       last_value(labour_status ORDER BY start, contribution) AS labour_status,
                       last_value(education ORDER BY start, contribution) AS education,
                       last_value(rural ORDER BY start, contribution) AS rural
                FROM   participation WHERE project = 'progress' GROUP BY participant) AS p
                WHERE  p.sex IS NOT NULL AND p.age IS NOT NULL AND p.labour_status IS NOT NULL AND p.education IS NOT NULL AND p.rural) AS met
        GROUP  BY sex, code) AS c
JOIN   indicator i ON i.part = 'group' AND i.code = c.code
GROUP  BY i.scheme, i.indicator, c.sex
ORDER  BY i.scheme, i.indicator, c.sex
