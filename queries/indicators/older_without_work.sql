/*+++
title = { sv = "Över 54 år utan arbete eller studier", en = "Above 54 without work or studies" }
order = 4
weight = 2

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
FROM   (SELECT sex, CASE WHEN age > 54 AND labour_status IN ('unemployed', 'long_term_unemployed', 'inactive_not_in_education')
                    THEN 'true' ELSE 'false' END AS code, count(*) AS n
        FROM   complete
        GROUP  BY sex, code) AS c
JOIN   indicator i ON i.part = 'older_without_work' AND i.code = c.code
GROUP  BY i.scheme, i.indicator, c.sex
ORDER  BY i.scheme, i.indicator, c.sex
