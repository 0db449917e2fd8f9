/*+++
title = { sv = "Sysselsättning före och efter", en = "Occupation before and after" }
order = 1

[columns]
association = { sv = "Samordningsförbund", en = "Coordination association", codes = "association" }
moment = { sv = "När", en = "When", codes = "moment" }
occupation = { sv = "Sysselsättning", en = "Occupation", codes = "labour_status" }
people = { sv = "Personer", en = "People" }
+++*/
WITH   latest AS (SELECT participant, last_value(municipality ORDER BY start, contribution) AS municipality,
                         last_value(labour_status ORDER BY start, contribution) AS labour_status,
                         last_value(status_after ORDER BY start, contribution) AS status_after
                  FROM   participation GROUP BY participant),
       person AS (SELECT CASE WHEN p.municipality IN ('1315', '1380', '1381', '1382', '1383', '1384') THEN 'halland'
                           WHEN p.municipality IN ('0181') THEN 'sodertalje' WHEN p.municipality IN ('0126') THEN 'huddinge'
                           ELSE 'botkyrka' END AS association, p.*
                  FROM   latest AS p
                  WHERE  p.municipality IN ('1315', '1380', '1381', '1382', '1383', '1384', '0181', '0126', '0127'))
SELECT association, moment, occupation, count(*) AS people
FROM   (SELECT association, 'before' AS moment, labour_status AS occupation FROM person
        UNION ALL SELECT association, 'after' AS moment, status_after AS occupation FROM person) AS moments
GROUP  BY association, moment, occupation
