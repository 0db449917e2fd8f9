/*+++
title = { sv = "Yrkessvenska efter utländsk bakgrund", en = "Vocational Swedish by foreign background" }
order = 5

[columns]
participations = { sv = "Deltaganden", en = "Participations" }
+++*/
SELECT f.foreign_background, count(*) AS participations
FROM   participation f
WHERE  f.project = 'nystart' AND f.entry = 1 AND f.foreign_background IS NOT NULL
AND    EXISTS (SELECT 1 FROM activity a
               WHERE a.participant = f.participant AND a.contribution = f.contribution AND a.kind = 'vocational_swedish')
GROUP  BY f.foreign_background
