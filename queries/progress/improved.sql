/*+++
title = { sv = "Andel som slutade minst ett steg högre, av dem som skattade minst två gånger", en = "Share who ended at least one step higher, of those who rated at least twice" }
order = 2

[columns]
area = { sv = "Område", en = "Area", codes = "instrument_area" }
share = { sv = "Andel", en = "Share" }
+++*/
WITH   person AS (SELECT s.*
                  FROM   participation f
                  JOIN   (SELECT participant, contribution,
                                 max(CASE WHEN area = 'type_of_work' THEN last - first END) AS type_of_work,
                                 max(CASE WHEN area = 'managing_a_job' THEN last - first END) AS managing_a_job,
                                 max(CASE WHEN area = 'competence' THEN last - first END) AS competence,
                                 max(CASE WHEN area = 'everyday_life_and_network' THEN last - first END) AS everyday_life_and_network,
                                 max(CASE WHEN area = 'ability_to_cooperate' THEN last - first END) AS ability_to_cooperate,
                                 max(CASE WHEN area = 'health' THEN last - first END) AS health
                          FROM   (SELECT participant, contribution, area,
                                         first_value(score ORDER BY date, ordinal, contribution) AS first,
                                         last_value(score ORDER BY date, ordinal, contribution) AS last
                                  FROM   rating WHERE rater = 'participant'
                                  GROUP  BY participant, contribution, area HAVING count(*) >= 2) AS rated
                          GROUP  BY participant, contribution) AS s
                         ON f.participant = s.participant AND f.contribution = s.contribution
                  WHERE  f.project = 'progress' AND f.entry = 1)
SELECT area, avg(CASE WHEN change > 0 THEN 1 ELSE 0 END) AS share
FROM   (SELECT 'type_of_work' AS area, type_of_work AS change FROM person WHERE type_of_work IS NOT NULL
        UNION ALL SELECT 'managing_a_job' AS area, managing_a_job AS change FROM person WHERE managing_a_job IS NOT NULL
        UNION ALL SELECT 'competence' AS area, competence AS change FROM person WHERE competence IS NOT NULL
        UNION ALL SELECT 'everyday_life_and_network' AS area, everyday_life_and_network AS change FROM person WHERE everyday_life_and_network IS NOT NULL
        UNION ALL SELECT 'ability_to_cooperate' AS area, ability_to_cooperate AS change FROM person WHERE ability_to_cooperate IS NOT NULL
        UNION ALL SELECT 'health' AS area, health AS change FROM person WHERE health IS NOT NULL) AS changes
GROUP  BY area
