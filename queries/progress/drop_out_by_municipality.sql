/*+++
title = { sv = "Andel som skattade sin hälsa högst tre gånger, efter kommun", en = "Share who rated their health three times at most, by municipality" }
order = 14
weight = 4

[columns]
home = { sv = "Kommun", en = "Municipality", codes = "halland" }
share = { sv = "Andel", en = "Share" }
+++*/
SELECT CASE municipality WHEN '1382' THEN 'falkenberg' WHEN '1380' THEN 'halmstad' WHEN '1384' THEN 'kungsbacka'
                         WHEN '1383' THEN 'varberg' ELSE 'hylte_and_laholm' END AS home, avg(CASE WHEN s.times <= 3 THEN 1 ELSE 0 END) AS share
FROM   participation f
JOIN   (SELECT participant, contribution, sum(CASE WHEN times >= 2 THEN last - first END) AS rise,
               max(CASE WHEN area = 'health' THEN times END) AS times
        FROM   (SELECT participant, contribution, area, count(*) AS times,
                       first_value(score ORDER BY date, ordinal, contribution) AS first,
                       last_value(score ORDER BY date, ordinal, contribution) AS last
                FROM   rating WHERE rater = 'participant' GROUP BY participant, contribution, area) AS area
        GROUP  BY participant, contribution) AS s
       ON f.participant = s.participant AND f.contribution = s.contribution
WHERE  f.project = 'progress' AND f.entry = 1 AND s.rise IS NOT NULL
AND    f.municipality IN ('1315', '1380', '1381', '1382', '1383', '1384')
GROUP  BY home
