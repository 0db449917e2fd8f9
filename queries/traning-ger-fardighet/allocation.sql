/*+++
title = { sv = "Kontorens andelar av projektet, bredvid de andelar av målgruppen som projektet angav", en = "The offices’ shares of the project, beside the shares of the target group that the project stated" }
order = 9

[columns]
place = { sv = "Plats hos", en = "Place at", codes = "office" }
office = { sv = "Kontor", en = "Office", codes = "office" }
percent_of_project = { sv = "Procent av projektets platser hos dessa kontor", en = "Percent of the project’s places at these offices" }
percent_of_programme = { sv = "Procent av jobbgarantin (angiven)", en = "Percent of the job programme (stated)" }
percent_of_target_group = { sv = "Målgruppen, procent av alla (angiven)", en = "Target group, percent of all (stated)" }
percent_within_office = { sv = "Målgruppen, procent av kontoret (angiven)", en = "Target group, percent of the office (stated)" }
+++*/
SELECT a.office, 100.0 * c.n / nullif(sum(c.n) OVER (), 0) AS percent_of_project, a.per_mille_of_programme / 10.0 AS percent_of_programme,
       a.per_mille_of_target_group / 10.0 AS percent_of_target_group, a.per_mille_within_office / 10.0 AS percent_within_office
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
JOIN   allocation a ON a.office = c.place
ORDER  BY a.office
