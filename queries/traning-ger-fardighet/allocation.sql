/*+++
title = { sv = "Kontorens andelar av projektet, bredvid de andelar av målgruppen som projektet angav", en = "The offices’ shares of the project, beside the shares of the target group that the project stated" }
order = 9

[columns]
office = { sv = "Kontor", en = "Office", codes = "office" }
percent_of_project = { sv = "Procent av projektets platser hos dessa kontor", en = "Percent of the project’s places at these offices" }
percent_of_programme = { sv = "Procent av jobbgarantin (angiven)", en = "Percent of the job programme (stated)" }
percent_of_target_group = { sv = "Målgruppen, procent av alla (angiven)", en = "Target group, percent of all (stated)" }
percent_within_office = { sv = "Målgruppen, procent av kontoret (angiven)", en = "Target group, percent of the office (stated)" }
+++*/
SELECT a.office, 100.0 * c.n / nullif(sum(c.n) OVER (), 0) AS percent_of_project, a.per_mille_of_programme / 10.0 AS percent_of_programme,
       a.per_mille_of_target_group / 10.0 AS percent_of_target_group, a.per_mille_within_office / 10.0 AS percent_within_office
FROM   (SELECT f.office, count(*) AS n
        FROM   participation f
        WHERE  f.project = 'traning-ger-fardighet' AND f.entry = 1 AND f.referrer IN ('employment_service', 'municipality')
        AND    f.office IN ('af_stockholm', 'af_huddinge', 'af_sodertalje', 'af_solna', 'municipal_sodertalje', 'municipal_nynashamn',
                            'municipal_spanga_tensta', 'municipal_solna_sundbyberg_jarfalla')
        GROUP  BY f.office) AS c
JOIN   allocation a ON a.office = c.office
ORDER  BY a.office
