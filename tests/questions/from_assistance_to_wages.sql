/*+++ title = { sv = "Från försörjningsstöd till lön: före och efter", en = "Från försörjningsstöd till lön: före och efter" } +++*/
SELECT project AS Projekt,
       SUM(CASE WHEN income_before = 'social_assistance' THEN 1 ELSE 0 END) AS Före,
       SUM(CASE WHEN income_after = 'social_assistance' THEN 1 ELSE 0 END) AS Efter,
       SUM(CASE WHEN income_before = 'social_assistance' AND income_after = 'work' THEN 1 ELSE 0 END) * 1.0
         / NULLIF(SUM(CASE WHEN income_before = 'social_assistance' THEN 1 ELSE 0 END), 0) AS AndelTillLön
FROM participation
WHERE "end" IS NOT NULL
GROUP BY project
