/*+++
title = { sv = "Sex månader efter avslutet, av dem som lämnade till och med augusti 2022", en = "Six months after leaving, of those who left until August 2022" }
order = 8
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
                         last_value(disadvantaged ORDER BY start, contribution) AS disadvantaged,
                         last_value("end" ORDER BY start, contribution) AS "end",
                         last_value(status_six_months ORDER BY start, contribution) AS status_six_months,
                         last_value(improved_six_months ORDER BY start, contribution) AS improved_six_months
                  FROM   participation WHERE project = 'progress' GROUP BY participant),
       complete AS (SELECT * FROM record
                    WHERE  sex IS NOT NULL AND age IS NOT NULL AND labour_status IS NOT NULL AND education IS NOT NULL),
       later AS (SELECT sex, age, disadvantaged, improved_six_months,
                        labour_status <> 'employed' AND status_six_months = 'employed' AS employed
                 FROM   complete WHERE "end" <= DATE '2022-08-31')
SELECT i.scheme, i.indicator, c.sex, sum(c.n) AS participants
FROM   (SELECT sex, code, count(*) AS n
        FROM   (SELECT sex, 'employed' AS code FROM later WHERE employed
                UNION ALL SELECT sex, 'improved' AS code FROM later WHERE improved_six_months
                UNION ALL SELECT sex, 'older_employed' AS code FROM later WHERE employed AND age > 54
                UNION ALL SELECT sex, 'disadvantaged_employed' AS code FROM later WHERE employed AND disadvantaged) AS met
        GROUP  BY sex, code) AS c
JOIN   indicator i ON i.part = 'after_six_months' AND i.code = c.code
GROUP  BY i.scheme, i.indicator, c.sex
ORDER  BY i.scheme, i.indicator, c.sex
