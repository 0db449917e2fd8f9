/*+++
title = { sv = "Ålder vid start", en = "Age on entering" }
order = 3

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
                         last_value(months_unemployed ORDER BY start, contribution) AS months_unemployed
                  FROM   participation WHERE project = 'progress' GROUP BY participant),
       complete AS (SELECT * FROM record
                    WHERE  sex IS NOT NULL AND age IS NOT NULL AND labour_status IS NOT NULL AND education IS NOT NULL)
SELECT i.scheme, i.indicator, c.sex, sum(c.n) AS participants
FROM   (SELECT sex, CASE WHEN age < 18 THEN 'under_18' WHEN age < 25 THEN '18-24' WHEN age < 30 THEN '25-29'
                    WHEN age < 55 THEN '30-54' ELSE 'over_54' END AS code, count(*) AS n
        FROM   complete
        GROUP  BY sex, code) AS c
JOIN   indicator i ON i.part = 'age' AND i.code = c.code
GROUP  BY i.scheme, i.indicator, c.sex
ORDER  BY i.scheme, i.indicator, c.sex
