/*+++ title = { sv = "a", en = "b" } +++*/
SELECT a.association, count(*) AS n FROM participation p JOIN association a USING (municipality) GROUP BY a.association
