/*+++
title = { sv = "Månader (om 30 dagar) i programmet till arbete, utbildning eller eget företag: kvartiler", en = "Months (of 30 days) in the programme until work, education or own business: quartiles" }
order = 11

[columns]
lower_quartile = { sv = "Undre kvartil, hela månader", en = "Lower quartile, whole months" }
median = { sv = "Median, hela månader", en = "Median, whole months" }
upper_quartile = { sv = "Övre kvartil, hela månader", en = "Upper quartile, whole months" }
+++*/
SELECT approx_percentile_cont(months, 0.25) AS lower_quartile, median(months) AS median,
       approx_percentile_cont(months, 0.75) AS upper_quartile
FROM   (SELECT programme_days / 30 AS months
        FROM   participation
        WHERE  project = 'traning-ger-fardighet' AND entry = 1 AND exit_state IN ('work', 'studies', 'own_business') AND programme_days BETWEEN 0 AND 449) AS left_for_work
