/*+++
title = { sv = "Underlag: sysselsättning efter insatsen, efter sysselsättningen före", en = "Underlying: occupation after the intervention, by occupation before" }
order = 9

[columns]
before = { sv = "Före", en = "Before", codes = "occupation" }
after = { sv = "Efter", en = "After", codes = "occupation" }
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
SELECT CASE labour_status WHEN 'employed' THEN 'employed' WHEN 'student' THEN 'student' WHEN 'unemployed' THEN 'unemployed'
                          WHEN 'long_term_unemployed' THEN 'long_term_unemployed' ELSE 'other' END AS before,
       CASE status_after WHEN 'employed' THEN 'employed' WHEN 'student' THEN 'student' WHEN 'unemployed' THEN 'unemployed'
                         WHEN 'long_term_unemployed' THEN 'long_term_unemployed' ELSE 'other' END AS after, count(*) AS people
FROM   latest AS p
WHERE  p.municipality IN ('1315', '1380', '1381', '1382', '1383', '1384', '0181', '0126', '0127') AND p."end" IS NOT NULL
GROUP  BY before, after
