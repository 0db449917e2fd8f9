/*+++
title = { sv = "1. Sysselsättning före och efter insats, med förändring", en = "1. Occupation before and after the intervention, with the change" }
order = 1

[columns]
occupation = { sv = "Sysselsättning", en = "Occupation", codes = "occupation" }
before = { sv = "Före", en = "Before" }
after = { sv = "Efter", en = "After" }
change = { sv = "Förändring, antal", en = "Change, number" }
points = { sv = "Förändring, procentenheter av alla", en = "Change, percentage points of all" }
+++*/
-- Where before and after are the same code, its row and its column of the base meet.
SELECT before AS occupation, at_start AS before, at_end AS after, at_end - at_start AS change,
       100.0 * (at_end - at_start) / nullif(sum(at_start) OVER (), 0) AS points
FROM   (SELECT before, after, sum(people) OVER (PARTITION BY before) AS at_start, sum(people) OVER (PARTITION BY after) AS at_end
        FROM   published.associations.occupation_base) AS both
WHERE  before = after
