/*+++
title = { sv = "Andel till arbete, studier eller eget företag efter samordningsförbund", en = "Share to work, studies or own business by coordination association" }
order = 8

[columns]
association = { sv = "Samordningsförbund", en = "Coordination association", codes = "association" }
share = { sv = "Andel", en = "Share" }
participations = { sv = "Avslutade deltaganden", en = "Participations that ended" }
+++*/
SELECT association, 1.0 * sum(CASE WHEN outcome = 'work_or_studies' THEN participations ELSE 0 END) / nullif(sum(participations), 0) AS share,
       sum(participations) AS participations
FROM   published.across.outcomes_by_association
WHERE  association <> 'none'
GROUP  BY association
