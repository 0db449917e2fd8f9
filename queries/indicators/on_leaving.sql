/*+++
title = { sv = "Resultat inom fyra veckor efter avslutet", en = "Results within four weeks of leaving" }
order = 7

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
        FROM   (SELECT p.sex, 'job_search' AS code FROM (SELECT participant, last_value(sex ORDER BY start, contribution) AS sex,
                       last_value(age ORDER BY start, contribution) AS age,
                       last_value(labour_status ORDER BY start, contribution) AS labour_status,
                       last_value(education ORDER BY start, contribution) AS education,
                       last_value("end" ORDER BY start, contribution) AS "end",
                       last_value(status_after ORDER BY start, contribution) AS status_after,
                       last_value(result_date ORDER BY start, contribution) AS result_date
                FROM   participation WHERE project = 'progress' GROUP BY participant) AS p
                WHERE  p.sex IS NOT NULL AND p.age IS NOT NULL AND p.labour_status IS NOT NULL AND p.education IS NOT NULL AND p.result_date - p."end" BETWEEN 0 AND 28 AND p.labour_status IN ('student', 'inactive_not_in_education', 'inactive') AND p.status_after IN ('unemployed', 'long_term_unemployed')
                UNION ALL
                SELECT p.sex, 'education' AS code FROM (SELECT participant, last_value(sex ORDER BY start, contribution) AS sex,
                       last_value(age ORDER BY start, contribution) AS age,
                       last_value(labour_status ORDER BY start, contribution) AS labour_status,
                       last_value(education ORDER BY start, contribution) AS education,
                       last_value("end" ORDER BY start, contribution) AS "end",
                       last_value(status_after ORDER BY start, contribution) AS status_after,
                       last_value(result_date ORDER BY start, contribution) AS result_date
                FROM   participation WHERE project = 'progress' GROUP BY participant) AS p
                WHERE  p.sex IS NOT NULL AND p.age IS NOT NULL AND p.labour_status IS NOT NULL AND p.education IS NOT NULL AND p.result_date - p."end" BETWEEN 0 AND 28 AND p.labour_status <> 'student' AND p.status_after = 'student'
                UNION ALL
                SELECT p.sex, 'qualification' AS code FROM (SELECT participant, last_value(sex ORDER BY start, contribution) AS sex,
                       last_value(age ORDER BY start, contribution) AS age,
                       last_value(labour_status ORDER BY start, contribution) AS labour_status,
                       last_value(education ORDER BY start, contribution) AS education,
                       last_value("end" ORDER BY start, contribution) AS "end",
                       last_value(status_after ORDER BY start, contribution) AS status_after,
                       last_value(result_date ORDER BY start, contribution) AS result_date,
                       last_value(qualified ORDER BY start, contribution) AS qualified
                FROM   participation WHERE project = 'progress' GROUP BY participant) AS p
                WHERE  p.sex IS NOT NULL AND p.age IS NOT NULL AND p.labour_status IS NOT NULL AND p.education IS NOT NULL AND p.result_date - p."end" BETWEEN 0 AND 28 AND p.qualified
                UNION ALL
                SELECT p.sex, 'employed' AS code FROM (SELECT participant, last_value(sex ORDER BY start, contribution) AS sex,
                       last_value(age ORDER BY start, contribution) AS age,
                       last_value(labour_status ORDER BY start, contribution) AS labour_status,
                       last_value(education ORDER BY start, contribution) AS education,
                       last_value("end" ORDER BY start, contribution) AS "end",
                       last_value(status_after ORDER BY start, contribution) AS status_after,
                       last_value(result_date ORDER BY start, contribution) AS result_date
                FROM   participation WHERE project = 'progress' GROUP BY participant) AS p
                WHERE  p.sex IS NOT NULL AND p.age IS NOT NULL AND p.labour_status IS NOT NULL AND p.education IS NOT NULL AND p.result_date - p."end" BETWEEN 0 AND 28 AND p.labour_status <> 'employed' AND p.status_after = 'employed'
                UNION ALL
                SELECT p.sex, 'disadvantaged' AS code FROM (SELECT participant, last_value(sex ORDER BY start, contribution) AS sex,
                       last_value(age ORDER BY start, contribution) AS age,
                       last_value(labour_status ORDER BY start, contribution) AS labour_status,
                       last_value(education ORDER BY start, contribution) AS education,
                       last_value("end" ORDER BY start, contribution) AS "end",
                       last_value(status_after ORDER BY start, contribution) AS status_after,
                       last_value(result_date ORDER BY start, contribution) AS result_date,
                       last_value(disadvantaged ORDER BY start, contribution) AS disadvantaged,
                       last_value(qualified ORDER BY start, contribution) AS qualified
                FROM   participation WHERE project = 'progress' GROUP BY participant) AS p
                WHERE  p.sex IS NOT NULL AND p.age IS NOT NULL AND p.labour_status IS NOT NULL AND p.education IS NOT NULL AND p.result_date - p."end" BETWEEN 0 AND 28 AND p.disadvantaged
                AND    ((p.labour_status IN ('student', 'inactive_not_in_education', 'inactive') AND p.status_after IN ('unemployed', 'long_term_unemployed'))
                        OR (p.labour_status <> 'student' AND p.status_after = 'student') OR p.qualified OR (p.labour_status <> 'employed' AND p.status_after = 'employed'))) AS met
        GROUP  BY sex, code) AS c
JOIN   indicator i ON i.part = 'on_leaving' AND i.code = c.code
GROUP  BY i.scheme, i.indicator, c.sex
ORDER  BY i.scheme, i.indicator, c.sex
