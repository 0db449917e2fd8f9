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
WITH   record AS (SELECT participant, last_value(sex ORDER BY start, contribution) AS sex,
                         last_value(age ORDER BY start, contribution) AS age,
                         last_value(labour_status ORDER BY start, contribution) AS labour_status,
                         last_value(education ORDER BY start, contribution) AS education,
                         last_value(foreign_background ORDER BY start, contribution) AS foreign_background,
                         last_value(minority ORDER BY start, contribution) AS minority,
                         last_value(third_country ORDER BY start, contribution) AS third_country,
                         last_value(disability ORDER BY start, contribution) AS disability,
                         last_value(disadvantaged ORDER BY start, contribution) AS disadvantaged,
                         last_value(homeless ORDER BY start, contribution) AS homeless,
                         last_value(rural ORDER BY start, contribution) AS rural
                  FROM   participation WHERE project = 'progress' GROUP BY participant),
       complete AS (SELECT * FROM record
                    WHERE  sex IS NOT NULL AND age IS NOT NULL AND labour_status IS NOT NULL AND education IS NOT NULL)
SELECT i.scheme, i.indicator, c.sex, sum(c.n) AS participants
FROM   (SELECT sex, code, count(*) AS n
        FROM   (SELECT sex, 'foreign_background' AS code FROM complete WHERE foreign_background
                UNION ALL SELECT sex, 'foreign_or_minority' AS code FROM complete WHERE foreign_background OR minority
                UNION ALL SELECT sex, 'minority' AS code FROM complete WHERE minority
                UNION ALL SELECT sex, 'third_country' AS code FROM complete WHERE third_country
                UNION ALL SELECT sex, 'disability' AS code FROM complete WHERE disability
                UNION ALL SELECT sex, 'disadvantaged' AS code FROM complete WHERE disadvantaged
                UNION ALL SELECT sex, 'homeless' AS code FROM complete WHERE homeless
                UNION ALL SELECT sex, 'rural' AS code FROM complete WHERE rural) AS met
        GROUP  BY sex, code) AS c
JOIN   indicator i ON i.part = 'group' AND i.code = c.code
GROUP  BY i.scheme, i.indicator, c.sex
ORDER  BY i.scheme, i.indicator, c.sex
