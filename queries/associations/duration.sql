/*+++
title = { sv = "6. Insatstid", en = "6. Time in the intervention" }
order = 6

[columns]
duration = { sv = "Tid", en = "Duration", codes = "duration" }
people = { sv = "Personer", en = "People" }
+++*/
WITH   latest AS (SELECT participant, last_value(municipality ORDER BY start, contribution) AS municipality,
                         last_value(labour_status ORDER BY start, contribution) AS labour_status,
                         last_value(status_after ORDER BY start, contribution) AS status_after,
                         last_value(income_before ORDER BY start, contribution) AS income_before,
                         last_value(income_after ORDER BY start, contribution) AS income_after,
                         last_value(start ORDER BY start, contribution) AS start,
                         last_value("end" ORDER BY start, contribution) AS "end"
                  FROM   participation GROUP BY participant)
SELECT CASE WHEN "end" IS NULL THEN 'ongoing' WHEN "end" - start < 91 THEN 'under_3_months' WHEN "end" - start < 183 THEN '3-6_months'
            WHEN "end" - start < 366 THEN '6-12_months' ELSE 'over_12_months' END AS duration, count(*) AS people
FROM   latest AS p
WHERE  p.municipality IN ('1315', '1380', '1381', '1382', '1383', '1384', '0181', '0126', '0127')
GROUP  BY duration
