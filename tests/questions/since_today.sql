/*+++ title = { sv = "Pågår i dag", en = "Pågår i dag" } +++*/
SELECT count(*) AS n FROM participation WHERE start <= current_date AND "end" IS NULL
-- refused[volatile]: DATE '2026-01-01'
SELECT count(*) AS n FROM participation WHERE start <= DATE '2026-01-01' AND "end" IS NULL
