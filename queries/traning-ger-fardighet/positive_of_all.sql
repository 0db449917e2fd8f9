/*+++
title = { sv = "Andel till arbete, utbildning eller eget företag efter arbetsträning, av alla", en = "Share to work, education or own business after work training, of all" }
order = 3

[columns]
share = { sv = "Andel", en = "Share" }
+++*/
SELECT 1.0 * sum(CASE WHEN training = 'trained' AND outcome = 'work_or_studies' THEN participations ELSE 0 END)
       / nullif(sum(participations), 0) AS share
FROM   published."traning-ger-fardighet".chain
