/*+++
title = { sv = "Kartläggning och kodning", en = "Mapping and coding" }
order = 5

[columns]
mapped = { sv = "Kartlagd (SASSAM)", en = "Mapped (SASSAM)" }
coded = { sv = "Kodad", en = "Coded" }
participations = { sv = "Deltaganden", en = "Participations" }
+++*/
SELECT mapped, coded, count(*) AS participations
FROM   (SELECT f.participant,
               bool_or(coalesce(m.step = 'sassam_mapping', false))    AS mapped,
               bool_or(coalesce(m.step = 'disability_coding', false)) AS coded
        FROM   (SELECT participant, contribution FROM participation WHERE project = 'fler-i-arbete' AND entry = 1) AS f
        LEFT   JOIN milestone m ON f.participant = m.participant AND f.contribution = m.contribution
        GROUP  BY f.participant) AS person
GROUP  BY mapped, coded
