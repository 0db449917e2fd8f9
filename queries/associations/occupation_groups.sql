/*+++
title = { sv = "2. Sysselsättning före och efter insats, i fyra grupper", en = "2. Occupation before and after the intervention, in four groups" }
order = 2

[columns]
occupation = { sv = "Sysselsättning", en = "Occupation", codes = "occupation_group" }
before = { sv = "Före", en = "Before" }
after = { sv = "Efter", en = "After" }
change = { sv = "Förändring, antal", en = "Change, number" }
points = { sv = "Förändring, procentenheter av alla", en = "Change, percentage points of all" }
+++*/
-- Where before and after are the same code, its row and its column of the base meet.
SELECT CASE before WHEN 'employed' THEN 'employed' WHEN 'student' THEN 'student' WHEN 'other' THEN 'other' ELSE 'job_seeking' END AS occupation,
       sum(at_start) AS before, sum(at_end) AS after, sum(at_end - at_start) AS change,
       100.0 * sum(at_end - at_start) / nullif(sum(sum(at_start)) OVER (), 0) AS points
FROM   (SELECT before, after, sum(people) OVER (PARTITION BY before) AS at_start, sum(people) OVER (PARTITION BY after) AS at_end
        FROM   published.associations.occupation_base) AS both
WHERE  before = after
GROUP  BY occupation
