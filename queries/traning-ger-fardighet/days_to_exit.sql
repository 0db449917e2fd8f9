/*+++
title = { sv = "Dagar i programmet till arbete, utbildning eller eget företag: kvartiler", en = "Days in the programme until work, education or own business: quartiles" }
order = 10

[columns]
lower_quartile = { sv = "Undre kvartil, dagar", en = "Lower quartile, days" }
median = { sv = "Median, dagar", en = "Median, days" }
upper_quartile = { sv = "Övre kvartil, dagar", en = "Upper quartile, days" }
+++*/
SELECT approx_percentile_cont(programme_days, 0.25) AS lower_quartile, median(programme_days) AS median,
       approx_percentile_cont(programme_days, 0.75) AS upper_quartile
FROM   participation
WHERE  project = 'traning-ger-fardighet' AND entry = 1 AND exit_state IN ('work', 'studies', 'own_business') AND programme_days BETWEEN 0 AND 900
