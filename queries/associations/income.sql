/*+++
title = { sv = "Försörjning före och efter", en = "Income before and after" }
order = 2

[columns]
association = { sv = "Samordningsförbund", en = "Coordination association", codes = "association" }
moment = { sv = "När", en = "When", codes = "moment" }
income = { sv = "Försörjning", en = "Income", codes = "income_source" }
people = { sv = "Personer", en = "People" }
+++*/
WITH   latest AS (SELECT participant, last_value(municipality ORDER BY start, contribution) AS municipality,
                         last_value(income_before ORDER BY start, contribution) AS income_before,
                         last_value(income_after ORDER BY start, contribution) AS income_after
                  FROM   participation GROUP BY participant),
       person AS (SELECT CASE WHEN p.municipality IN ('1315', '1380', '1381', '1382', '1383', '1384') THEN 'halland'
                           WHEN p.municipality IN ('0181') THEN 'sodertalje' WHEN p.municipality IN ('0126') THEN 'huddinge'
                           ELSE 'botkyrka' END AS association, p.*
                  FROM   latest AS p
                  WHERE  p.municipality IN ('1315', '1380', '1381', '1382', '1383', '1384', '0181', '0126', '0127'))
SELECT association, moment, income, count(*) AS people
FROM   (SELECT association, 'before' AS moment, income_before AS income FROM person
        UNION ALL SELECT association, 'after' AS moment, income_after AS income FROM person) AS moments
GROUP  BY association, moment, income
