/*+++
title = { sv = "Platser efter kontor, bredvid kvoten", en = "Places by office, beside the quota" }
order = 8

[columns]
place = { sv = "Plats hos", en = "Place at", codes = "office" }
referrer = { sv = "Anvisad av", en = "Referred by", codes = "referrer" }
office = { sv = "Kontor", en = "Office", codes = "office" }
participations = { sv = "Deltaganden", en = "Participations" }
percent_of_referrer = { sv = "Procent av anvisarens platser", en = "Percent of the referrer’s places" }
quota = { sv = "Kvot, procent", en = "Quota, percent" }
percent_of_all = { sv = "Procent av alla", en = "Percent of all" }
+++*/
SELECT replace(t.denominator, 'participation.referrer=', '') AS referrer, c.place AS office, c.n AS participations,
       100.0 * c.n / nullif(sum(c.n) OVER (PARTITION BY t.denominator), 0) AS percent_of_referrer,
       t.minimum AS quota,
       100.0 * c.n / nullif(sum(c.n) OVER (), 0) AS percent_of_all
FROM   (SELECT CASE WHEN f.referrer = 'employment_service' AND f.office = 'af_stockholm' THEN 'af_stockholm'
                    WHEN f.referrer = 'employment_service' AND f.office = 'af_huddinge' THEN 'af_huddinge'
                    WHEN f.referrer = 'employment_service' AND f.office = 'af_sodertalje' THEN 'af_sodertalje'
                    WHEN f.referrer = 'employment_service' AND f.office = 'af_solna' THEN 'af_solna'
                    WHEN f.referrer = 'municipality' AND f.office = 'municipal_sodertalje' THEN 'municipal_sodertalje'
                    WHEN f.referrer = 'municipality' AND f.office = 'municipal_nynashamn' THEN 'municipal_nynashamn'
                    WHEN f.referrer = 'municipality' AND f.office = 'municipal_spanga_tensta' THEN 'municipal_spanga_tensta'
                    WHEN f.referrer = 'municipality' AND f.office = 'municipal_solna_sundbyberg_jarfalla' THEN 'municipal_solna_sundbyberg_jarfalla'
               END AS place, count(*) AS n
        FROM   participation f
        WHERE  f.project = 'traning-ger-fardighet' AND f.entry = 1 AND f.office IS NOT NULL AND f.referrer IS NOT NULL
        GROUP  BY place) AS c
JOIN   target t ON t.numerator = concat('participation.office=', c.place) AND t.denominator LIKE 'participation.referrer=%'
ORDER  BY referrer, office
