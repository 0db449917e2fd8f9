/*+++
title = { sv = "Handledarens skattning bredvid deltagarens, där båda skattade den sista dagen", en = "The case worker’s rating beside the participant’s, where both rated on the last day" }
order = 5

[columns]
area = { sv = "Område", en = "Area", codes = "instrument_area" }
agreement = { sv = "Skattning", en = "Rating", codes = "agreement" }
pairs = { sv = "Par av skattningar", en = "Pairs of ratings" }
+++*/
WITH   own AS (SELECT participant, contribution, area, max(date) AS day, last_value(score ORDER BY date, ordinal, contribution) AS score
               FROM   rating WHERE rater = 'participant' GROUP BY participant, contribution, area),
       other AS (SELECT participant, contribution, area, max(date) AS day, last_value(score ORDER BY date, ordinal, contribution) AS score
                 FROM   rating WHERE rater = 'case_worker' GROUP BY participant, contribution, area),
       person AS (SELECT s.*
                  FROM   participation f
                  JOIN   (SELECT own.participant, own.contribution,
                                 max(CASE WHEN own.area = 'type_of_work' THEN other.score - own.score END) AS type_of_work,
                                 max(CASE WHEN own.area = 'managing_a_job' THEN other.score - own.score END) AS managing_a_job,
                                 max(CASE WHEN own.area = 'competence' THEN other.score - own.score END) AS competence,
                                 max(CASE WHEN own.area = 'everyday_life_and_network' THEN other.score - own.score END) AS everyday_life_and_network,
                                 max(CASE WHEN own.area = 'ability_to_cooperate' THEN other.score - own.score END) AS ability_to_cooperate,
                                 max(CASE WHEN own.area = 'health' THEN other.score - own.score END) AS health
                          FROM   own JOIN other ON own.participant = other.participant AND own.contribution = other.contribution
                                               AND own.area = other.area AND own.day = other.day
                          GROUP  BY own.participant, own.contribution) AS s
                         ON f.participant = s.participant AND f.contribution = s.contribution
                  WHERE  f.project = 'progress' AND f.entry = 1)
SELECT area, CASE WHEN difference > 0 THEN 'higher' WHEN difference = 0 THEN 'same' ELSE 'lower' END AS agreement, count(*) AS pairs
FROM   (SELECT 'type_of_work' AS area, type_of_work AS difference FROM person WHERE type_of_work IS NOT NULL
        UNION ALL SELECT 'managing_a_job' AS area, managing_a_job AS difference FROM person WHERE managing_a_job IS NOT NULL
        UNION ALL SELECT 'competence' AS area, competence AS difference FROM person WHERE competence IS NOT NULL
        UNION ALL SELECT 'everyday_life_and_network' AS area, everyday_life_and_network AS difference FROM person WHERE everyday_life_and_network IS NOT NULL
        UNION ALL SELECT 'ability_to_cooperate' AS area, ability_to_cooperate AS difference FROM person WHERE ability_to_cooperate IS NOT NULL
        UNION ALL SELECT 'health' AS area, health AS difference FROM person WHERE health IS NOT NULL) AS both
GROUP  BY area, agreement
