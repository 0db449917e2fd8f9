/*+++
title = { sv = "a", en = "b" }
+++*/
-- Private rows joined on a date and not on the unit.
SELECT count(*) AS n FROM milestone m JOIN rating r ON m.date = r.date
