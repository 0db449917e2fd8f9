/*+++
title = { sv = "Andel till arbete, studier eller eget företag efter hur troget platsen arbetar", en = "Share to work, studies or own business by how faithful the site is to the method" }
order = 6

[columns]
fidelity = { sv = "Metodtrohet, poäng av 75", en = "Fidelity, points of 75", codes = "fidelity" }
share = { sv = "Andel", en = "Share" }
+++*/
SELECT fidelity, avg(CASE WHEN exit_state IN ('work', 'studies', 'own_business') THEN 1 ELSE 0 END) AS share
FROM   (SELECT exit_state, CASE WHEN fidelity >= 66 THEN 'good (66-75)' WHEN fidelity >= 56 THEN 'fair (56-65)'
                                WHEN fidelity < 56 THEN 'low (15-55)' END AS fidelity
        FROM   participation
        WHERE  project = 'fler-i-arbete' AND entry = 1) AS person
GROUP  BY fidelity
