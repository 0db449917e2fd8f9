/*+++
title = { sv = "Andel självförsörjande efteråt (mål 65 %)", en = "Share supporting themselves afterwards (target 65 %)" }
order = 1
targets = ["fler-i-arbete-self-supporting"]
differs = { from = "across.positive_by_project", sv = "här är andelen av alla som började, där av alla avslutade deltaganden.", en = "here the share is of all who began, there of all participations that ended." }

[columns]
share = { sv = "Andel", en = "Share" }
+++*/
SELECT avg(CASE WHEN exit_state IN ('work', 'studies', 'own_business') THEN 1 ELSE 0 END) AS share
FROM   participation
WHERE  project = 'fler-i-arbete' AND entry = 1
