/*+++
title = { sv = "Underlag: försörjning efter insatsen, efter försörjningen före", en = "Underlying: income after the intervention, by income before" }
order = 10

[columns]
before = { sv = "Före", en = "Before", codes = "income_group" }
after = { sv = "Efter", en = "After", codes = "income_group" }
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
SELECT CASE WHEN income_before IN ('work', 'own_business') THEN 'work' WHEN income_before = 'study_support' THEN 'study_support'
            WHEN income_before IN ('unemployment_benefit', 'activity_support') THEN 'labour_market_support'
            WHEN income_before = 'sickness_benefit' THEN 'sickness_benefit' WHEN income_before = 'social_assistance' THEN 'social_assistance'
            ELSE 'other' END AS before,
       CASE WHEN income_after IN ('work', 'own_business') THEN 'work' WHEN income_after = 'study_support' THEN 'study_support'
            WHEN income_after IN ('unemployment_benefit', 'activity_support') THEN 'labour_market_support'
            WHEN income_after = 'sickness_benefit' THEN 'sickness_benefit' WHEN income_after = 'social_assistance' THEN 'social_assistance'
            ELSE 'other' END AS after, count(*) AS people
FROM   latest AS p
WHERE  p.municipality IN ('1315', '1380', '1381', '1382', '1383', '1384', '0181', '0126', '0127') AND p."end" IS NOT NULL
GROUP  BY before, after
