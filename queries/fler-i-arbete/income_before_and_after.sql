/*+++
title = { sv = "Egen försörjning före och efter", en = "Supporting oneself before and after" }
order = 4

[columns]
before = { sv = "Självförsörjande före", en = "Self-supporting before" }
after = { sv = "Självförsörjande efter", en = "Self-supporting after" }
participations = { sv = "Deltaganden", en = "Participations" }
+++*/
SELECT income_before IN ('work', 'own_business', 'study_support') AS before, income_after IN ('work', 'own_business', 'study_support') AS after,
       count(*) AS participations
FROM   participation
WHERE  project = 'fler-i-arbete' AND entry = 1 AND income_before IS NOT NULL AND income_after IS NOT NULL
GROUP  BY before, after
