/*+++ title = { sv = "Efter kön", en = "Efter kön" } +++*/
SELECT kön, count(*) AS n FROM participation GROUP BY kön
-- refused[sql]: participation.sex
SELECT sex, count(*) AS n FROM participation GROUP BY sex
