/*+++
title = { sv = "Förändringen från första till sista skattning i medeltal (högst tre steg räknas)", en = "The mean change from first to last rating (three steps at most count)" }
order = 4

[columns]
area = { sv = "Område", en = "Area", codes = "instrument_area" }
change = { sv = "Förändring, skalsteg", en = "Change, steps of the scale" }
+++*/
WITH   person AS (SELECT s.*
                  FROM   participation f
                  JOIN   (SELECT participant, contribution,
                                 max(CASE WHEN area = 'type_of_work' THEN first END) AS type_of_work,
                                 max(CASE WHEN area = 'type_of_work' THEN last - first END) AS type_of_work_change,
                                 max(CASE WHEN area = 'managing_a_job' THEN first END) AS managing_a_job,
                                 max(CASE WHEN area = 'managing_a_job' THEN last - first END) AS managing_a_job_change,
                                 max(CASE WHEN area = 'competence' THEN first END) AS competence,
                                 max(CASE WHEN area = 'competence' THEN last - first END) AS competence_change,
                                 max(CASE WHEN area = 'everyday_life_and_network' THEN first END) AS everyday_life_and_network,
                                 max(CASE WHEN area = 'everyday_life_and_network' THEN last - first END) AS everyday_life_and_network_change,
                                 max(CASE WHEN area = 'ability_to_cooperate' THEN first END) AS ability_to_cooperate,
                                 max(CASE WHEN area = 'ability_to_cooperate' THEN last - first END) AS ability_to_cooperate_change,
                                 max(CASE WHEN area = 'health' THEN first END) AS health,
                                 max(CASE WHEN area = 'health' THEN last - first END) AS health_change
                          FROM   (SELECT participant, contribution, area,
                                         first_value(score ORDER BY date, ordinal, contribution) AS first,
                                         last_value(score ORDER BY date, ordinal, contribution) AS last
                                  FROM   rating WHERE rater = 'participant'
                                  GROUP  BY participant, contribution, area HAVING count(*) >= 2) AS rated
                          GROUP  BY participant, contribution) AS s
                         ON f.participant = s.participant AND f.contribution = s.contribution
                  WHERE  f.project = 'progress' AND f.entry = 1)
SELECT area, avg(least(greatest(change, -3), 3)) AS change
FROM   (SELECT 'type_of_work' AS area, type_of_work AS first, type_of_work_change AS change FROM person WHERE type_of_work IS NOT NULL
        UNION ALL SELECT 'managing_a_job' AS area, managing_a_job AS first, managing_a_job_change AS change FROM person WHERE managing_a_job IS NOT NULL
        UNION ALL SELECT 'competence' AS area, competence AS first, competence_change AS change FROM person WHERE competence IS NOT NULL
        UNION ALL SELECT 'everyday_life_and_network' AS area, everyday_life_and_network AS first, everyday_life_and_network_change AS change FROM person WHERE everyday_life_and_network IS NOT NULL
        UNION ALL SELECT 'ability_to_cooperate' AS area, ability_to_cooperate AS first, ability_to_cooperate_change AS change FROM person WHERE ability_to_cooperate IS NOT NULL
        UNION ALL SELECT 'health' AS area, health AS first, health_change AS change FROM person WHERE health IS NOT NULL) AS changes
GROUP  BY area
