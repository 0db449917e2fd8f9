/*+++
title = { sv = "5. Försörjning efter insats, för dem som hade ekonomiskt bistånd, a-kassa eller aktivitetsstöd, eller sjukpenning före", en = "5. Income after the intervention, of those who had social assistance, unemployment benefit or activity support, or sickness benefit before" }
order = 5

[columns]
before = { sv = "Försörjning före", en = "Income before", codes = "income_group" }
after = { sv = "Försörjning efter", en = "Income after", codes = "income_group" }
people = { sv = "Personer", en = "People" }
percent = { sv = "Procent av dem med samma försörjning före", en = "Percent of those with the same income before" }
+++*/
SELECT before, after, people, 100.0 * people / nullif(sum(people) OVER (PARTITION BY before), 0) AS percent
FROM   published.associations.income_base
WHERE  before IN ('social_assistance', 'labour_market_support', 'sickness_benefit')
