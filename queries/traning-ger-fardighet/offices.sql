/*+++
title = { sv = "Platser efter kontor, med kontorets andel av alla", en = "Places by office, with the office's share of all" }
order = 4
+++*/
SELECT referrer, office, n AS participations,
       100.0 * n / nullif(sum(n) OVER (PARTITION BY referrer), 0) AS percent_of_referrer,
       100.0 * n / nullif(sum(n) OVER (), 0) AS percent_of_all
FROM   (SELECT f.referrer, f.office, count(*) AS n
        FROM   participation f
        WHERE  f.project = 'traning-ger-fardighet' AND f.entry = 1 AND f.office IS NOT NULL AND f.referrer IS NOT NULL
        GROUP  BY f.referrer, f.office) AS counted
WHERE  (referrer = 'employment_service') = (office LIKE 'af_%') AND referrer IN ('employment_service', 'municipality') AND office NOT LIKE 'team%'
ORDER  BY referrer, office
