/*+++
title = { sv = "Platser efter kontor, bredvid kvoten", en = "Places by office, beside the quota" }
order = 8
targets = ["traning-af-stockholm", "traning-af-huddinge", "traning-af-sodertalje", "traning-af-solna", "traning-municipal-sodertalje", "traning-municipal-nynashamn", "traning-municipal-spanga-tensta", "traning-municipal-solna-sundbyberg-jarfalla"]

[columns]
referrer = { sv = "Anvisad av", en = "Referred by", codes = "referrer" }
office = { sv = "Kontor", en = "Office", codes = "office" }
participations = { sv = "Deltaganden", en = "Participations" }
percent_of_referrer = { sv = "Procent av anvisarens platser", en = "Percent of the referrer’s places" }
quota = { sv = "Kvot, procent", en = "Quota, percent" }
percent_of_all = { sv = "Procent av alla", en = "Percent of all" }
+++*/
SELECT c.referrer, c.office, c.n AS participations,
       100.0 * c.n / nullif(sum(c.n) OVER (PARTITION BY c.referrer), 0) AS percent_of_referrer,
       t.minimum AS quota,
       100.0 * c.n / nullif(sum(c.n) OVER (), 0) AS percent_of_all
FROM   (SELECT f.referrer, f.office, count(*) AS n
        FROM   participation f
        WHERE  f.project = 'traning-ger-fardighet' AND f.entry = 1 AND f.referrer IN ('employment_service', 'municipality')
        AND    f.office IN ('af_stockholm', 'af_huddinge', 'af_sodertalje', 'af_solna', 'municipal_sodertalje', 'municipal_nynashamn',
                            'municipal_spanga_tensta', 'municipal_solna_sundbyberg_jarfalla')
        GROUP  BY f.referrer, f.office) AS c
JOIN   target t ON t.numerator = concat('participation.office=', c.office) AND starts_with(t.denominator, concat('participation.referrer=', c.referrer, '&'))
ORDER  BY c.referrer, c.office
