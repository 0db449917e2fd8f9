/*+++
title = { sv = "Andel som känner sig närmare arbetsmarknaden (mål 95 %)", en = "Share who feel closer to the labour market (target 95 %)" }
order = 2
targets = ["fler-i-arbete-closer"]

[columns]
share = { sv = "Andel", en = "Share" }
+++*/
SELECT avg(CASE WHEN a.yes THEN 1 ELSE 0 END) AS share
FROM   participation f
JOIN   (SELECT participant, contribution, bool_or(answer = 'yes') AS yes FROM answer
        WHERE  question = 'closer_to_labour_market' AND answer <> 'no_answer' GROUP BY participant, contribution) AS a
       ON f.participant = a.participant AND f.contribution = a.contribution
WHERE  f.project = 'fler-i-arbete' AND f.entry = 1
