/*+++
title = { sv = "Andel till arbete, studier eller eget företag efter projekt", en = "Share to work, studies or own business by project" }
order = 2

[columns]
share = { sv = "Andel", en = "Share" }
+++*/
SELECT project, share
FROM   published.outcomes.positive_by_project
