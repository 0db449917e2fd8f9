/*+++
title = { sv = "Hur länge insatsen varade", en = "How long it lasted" }
order = 3

[columns]
association = { sv = "Samordningsförbund", en = "Coordination association", codes = "association" }
duration = { sv = "Tid", en = "Duration", codes = "duration" }
people = { sv = "Personer", en = "People" }
+++*/
WITH   latest AS (SELECT participant, last_value(municipality ORDER BY start, contribution) AS municipality,
                         last_value(start ORDER BY start, contribution) AS start,
                         last_value("end" ORDER BY start, contribution) AS "end"
                  FROM   participation GROUP BY participant),
       person AS (SELECT CASE WHEN p.municipality IN ('1315', '1380', '1381', '1382', '1383', '1384') THEN 'halland'
                           WHEN p.municipality IN ('0181') THEN 'sodertalje' WHEN p.municipality IN ('0126') THEN 'huddinge'
                           ELSE 'botkyrka' END AS association, p.*
                  FROM   latest AS p
                  WHERE  p.municipality IN ('1315', '1380', '1381', '1382', '1383', '1384', '0181', '0126', '0127'))
SELECT association, CASE WHEN "end" IS NULL THEN 'ongoing' WHEN "end" - start < 91 THEN 'under_3_months'
                         WHEN "end" - start < 183 THEN '3-6_months' WHEN "end" - start < 366 THEN '6-12_months'
                         ELSE 'over_12_months' END AS duration, count(*) AS people
FROM   person
GROUP  BY association, duration
