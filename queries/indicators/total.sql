/*+++
title = { sv = "Deltagare, totalt", en = "Participants, total" }
order = 1

[columns]
indicator = { sv = "Indikator", en = "Indicator", codes = "indicator" }
scheme = { sv = "Programperiod", en = "Programme period" }
participants = { sv = "Deltagare", en = "Participants" }
+++*/
SELECT i.scheme, i.indicator, c.n AS participants
FROM   (SELECT count(*) AS n FROM participation WHERE project = 'progress' AND entry = 1) AS c -- whoever took part has a first time
CROSS  JOIN indicator i
WHERE  i.part = 'everybody'
ORDER  BY i.scheme
