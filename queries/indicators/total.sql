/*+++
title = { sv = "Deltagare, totalt", en = "Participants, total" }
order = 1

[columns]
indicator = { sv = "Indikator", en = "Indicator", codes = "indicator" }
scheme = { sv = "Programperiod", en = "Programme period" }
participants = { sv = "Deltagare", en = "Participants" }
+++*/
SELECT i.scheme, i.indicator, c.people AS participants
FROM   published.progress.people AS c
CROSS  JOIN indicator i
WHERE  i.part = 'everybody'
ORDER  BY i.scheme
