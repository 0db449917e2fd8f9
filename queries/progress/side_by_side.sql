/*+++
title = { sv = "Andel till arbete, studier eller eget företag efter antal insatser vid sidan av varandra", en = "Share to work, studies or own business by the number of interventions side by side" }
order = 16

[columns]
way = { sv = "Väg", en = "Way", codes = "way" }
share = { sv = "Andel", en = "Share" }
+++*/
SELECT way, share
FROM   published.across.stairs_and_side_by_side
WHERE  way IN ('side_by_side_1', 'side_by_side_2', 'side_by_side_3')
ORDER  BY way
