/*+++ title = { sv = "a", en = "b" } +++*/
SELECT sex, count(*) AS n
FROM   participation
WHERE  age > 300
GROUP  BY sex
