/*+++
title = { sv = "Resultat inom fyra veckor efter avslutet", en = "Results within four weeks of leaving" }
order = 7
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
                         last_value(status_after ORDER BY start, contribution) AS status_after,
                         last_value(result_date ORDER BY start, contribution) AS result_date,
                         last_value(qualified ORDER BY start, contribution) AS qualified
                  FROM   participation WHERE project = 'progress' GROUP BY participant),
       complete AS (SELECT * FROM record
                    WHERE  sex IS NOT NULL AND age IS NOT NULL AND labour_status IS NOT NULL AND education IS NOT NULL),
       result AS (SELECT sex, disadvantaged, qualified,
                         labour_status IN ('student', 'inactive_not_in_education', 'inactive')
                         AND status_after IN ('unemployed', 'long_term_unemployed')    AS job_search,
                         labour_status <> 'student' AND status_after = 'student'       AS education,
                         labour_status <> 'employed' AND status_after = 'employed'     AS employed
                  FROM   complete WHERE result_date - "end" BETWEEN 0 AND 28)
SELECT i.scheme, i.indicator, c.sex, sum(c.n) AS participants
FROM   (SELECT sex, code, count(*) AS n
        FROM   (SELECT sex, 'job_search' AS code FROM result WHERE job_search
                UNION ALL SELECT sex, 'education' AS code FROM result WHERE education
                UNION ALL SELECT sex, 'qualification' AS code FROM result WHERE qualified
                UNION ALL SELECT sex, 'employed' AS code FROM result WHERE employed
                UNION ALL SELECT sex, 'disadvantaged' AS code FROM result WHERE disadvantaged AND (job_search OR education OR qualified OR employed)) AS met
        GROUP  BY sex, code) AS c
JOIN   indicator i ON i.part = 'on_leaving' AND i.code = c.code
GROUP  BY i.scheme, i.indicator, c.sex
ORDER  BY i.scheme, i.indicator, c.sex
