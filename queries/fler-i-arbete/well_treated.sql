/*+++
title = { sv = "Andel som har blivit väl bemötta (mål 100 %)", en = "Share who were well treated (target 100 %)" }
order = 3
targets = ["fler-i-arbete-well-treated"]

[columns]
share = { sv = "Andel", en = "Share" }
+++*/
SELECT avg(CASE WHEN a.yes THEN 1 ELSE 0 END) AS share
FROM   participation f
JOIN   (SELECT participant, contribution, bool_or(answer = 'yes') AS yes FROM answer
        WHERE  question = 'well_treated' AND answer <> 'no_answer' GROUP BY participant, contribution) AS a
       ON f.participant = a.participant AND f.contribution = a.contribution
WHERE  f.project = 'fler-i-arbete' AND f.entry = 1
