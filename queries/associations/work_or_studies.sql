/*+++
title = { sv = "3. Avslutade som arbetar eller studerar efter insatsen, och hur många av dem som började", en = "3. Those who left and work or study after the intervention, and how many of them began" }
order = 3

[columns]
ended = { sv = "Avslutade", en = "Left" }
working_or_studying = { sv = "Därav i arbete eller studier", en = "Of these in work or studies" }
share = { sv = "Andel av avslutade", en = "Share of those who left" }
began = { sv = "Därav började (varken arbete eller studier före)", en = "Of these began (neither work nor studies before)" }
+++*/
SELECT sum(people) AS ended,
       sum(CASE WHEN after IN ('employed', 'student') THEN people ELSE 0 END) AS working_or_studying,
       1.0 * sum(CASE WHEN after IN ('employed', 'student') THEN people ELSE 0 END) / nullif(sum(people), 0) AS share,
       sum(CASE WHEN after IN ('employed', 'student') AND before NOT IN ('employed', 'student') THEN people ELSE 0 END) AS began
FROM   published.associations.occupation_base
