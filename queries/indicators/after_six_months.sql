/*+++
title = { sv = "Sex månader efter avslutet, av dem som lämnade till och med augusti 2022", en = "Six months after leaving, of those who left until August 2022" }
order = 8

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
        FROM   (SELECT p.sex, 'employed' AS code FROM (SELECT participant, last_value(sex ORDER BY start, contribution) AS sex,
                       last_value(age ORDER BY start, contribution) AS age,
                       last_value(labour_status ORDER BY start, contribution) AS labour_status,
                       last_value(education ORDER BY start, contribution) AS education,
                       last_value("end" ORDER BY start, contribution) AS "end",
                       last_value(status_six_months ORDER BY start, contribution) AS status_six_months
                FROM   participation WHERE project = 'progress' GROUP BY participant) AS p
                WHERE  p.sex IS NOT NULL AND p.age IS NOT NULL AND p.labour_status IS NOT NULL AND p.education IS NOT NULL AND p."end" <= DATE '2022-08-31' AND p.labour_status <> 'employed' AND p.status_six_months = 'employed'
                UNION ALL
                SELECT p.sex, 'improved' AS code FROM (SELECT participant, last_value(sex ORDER BY start, contribution) AS sex,
                       last_value(age ORDER BY start, contribution) AS age,
                       last_value(labour_status ORDER BY start, contribution) AS labour_status,
                       last_value(education ORDER BY start, contribution) AS education,
                       last_value("end" ORDER BY start, contribution) AS "end",
                       last_value(status_six_months ORDER BY start, contribution) AS status_six_months,
                       last_value(improved_six_months ORDER BY start, contribution) AS improved_six_months
                FROM   participation WHERE project = 'progress' GROUP BY participant) AS p
                WHERE  p.sex IS NOT NULL AND p.age IS NOT NULL AND p.labour_status IS NOT NULL AND p.education IS NOT NULL AND p."end" <= DATE '2022-08-31' AND p.improved_six_months
                UNION ALL
                SELECT p.sex, 'older_employed' AS code FROM (SELECT participant, last_value(sex ORDER BY start, contribution) AS sex,
                       last_value(age ORDER BY start, contribution) AS age,
                       last_value(labour_status ORDER BY start, contribution) AS labour_status,
                       last_value(education ORDER BY start, contribution) AS education,
                       last_value("end" ORDER BY start, contribution) AS "end",
                       last_value(status_six_months ORDER BY start, contribution) AS status_six_months
                FROM   participation WHERE project = 'progress' GROUP BY participant) AS p
                WHERE  p.sex IS NOT NULL AND p.age IS NOT NULL AND p.labour_status IS NOT NULL AND p.education IS NOT NULL AND p."end" <= DATE '2022-08-31' AND p.age > 54 AND p.labour_status <> 'employed' AND p.status_six_months = 'employed'
                UNION ALL
                SELECT p.sex, 'disadvantaged_employed' AS code FROM (SELECT participant, last_value(sex ORDER BY start, contribution) AS sex,
                       last_value(age ORDER BY start, contribution) AS age,
                       last_value(labour_status ORDER BY start, contribution) AS labour_status,
                       last_value(education ORDER BY start, contribution) AS education,
                       last_value("end" ORDER BY start, contribution) AS "end",
                       last_value(status_six_months ORDER BY start, contribution) AS status_six_months,
                       last_value(disadvantaged ORDER BY start, contribution) AS disadvantaged
                FROM   participation WHERE project = 'progress' GROUP BY participant) AS p
                WHERE  p.sex IS NOT NULL AND p.age IS NOT NULL AND p.labour_status IS NOT NULL AND p.education IS NOT NULL AND p."end" <= DATE '2022-08-31' AND p.disadvantaged AND p.labour_status <> 'employed' AND p.status_six_months = 'employed') AS met
        GROUP  BY sex, code) AS c
JOIN   indicator i ON i.part = 'after_six_months' AND i.code = c.code
GROUP  BY i.scheme, i.indicator, c.sex
ORDER  BY i.scheme, i.indicator, c.sex
