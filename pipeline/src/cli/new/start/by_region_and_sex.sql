/*+++
# Rubriken på båda språken. / The title in both languages.
title = { sv = "Utfall efter region och kön", en = "Outcomes by region and sex" }

# Kolumner som frågan själv gör behöver namn; `codes` säger i vilken lista i schemas/codes/ värdena står.
# Columns that the query makes need names; `codes` says in which list of schemas/codes/ their values are.
[columns]
outcome = { sv = "Utfall", en = "Outcome", codes = "outcome" }
+++*/
-- Nycklarna kommer ur offentliga listor, så varje kombination publiceras, också nollor: `utfall check --tables` visar dem.
-- Keys come from public lists, so each combination is published, zeros too: `utfall check --tables` shows them.
SELECT p.region, f.sex,
       CASE WHEN f.exit_state IN ('work', 'studies', 'own_business') THEN 'work_or_studies' ELSE 'other' END AS outcome,
       count(*) AS participations
FROM   participation f JOIN project p USING (project)
WHERE  f.exit_state IS NOT NULL AND p.enrols
GROUP  BY p.region, f.sex, outcome
