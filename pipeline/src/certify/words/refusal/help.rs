//! The way out of each refusal.

use super::Violation;
use utfall_ground::text::Message;

impl Violation {
    /// The way out.
    pub fn help(&self) -> Message {
        match self {
            Self::Proof(_) => Message::new(
                "skriv frågan på ett annat sätt, och låt oss få veta",
                "write the query in another way, and let us know",
            ),
            Self::Columns => Message::new(
                "namnge varje kolumn som publiceras (… AS namn) och räkna upp dem i stället för *",
                "name every column that is published (… AS name) and list them in place of *",
            ),
            Self::Sql(_) => Message::new(
                "rätta frågan; `utfall check` visar tabeller och kolumner med --tables",
                "mend the query; `utfall check --tables` lists tables and columns",
            ),
            Self::Statement => Message::new("lägg varje tabell i en egen .sql-fil", "put each table in a .sql file of its own"),
            Self::NoAggregate => Message::new(
                "räkna: SELECT nyckel, count(*) AS antal … GROUP BY nyckel",
                "count: SELECT key, count(*) AS n … GROUP BY key",
            ),
            Self::WithinPerson => Message::new(
                "räkna en gång till, utan personen: SELECT k, count(*) AS n FROM (…) GROUP BY k",
                "aggregate once more, without the person: SELECT k, count(*) AS n FROM (…) GROUP BY k",
            ),
            Self::Code(_, _, Some(meant)) => Message::new(format!("menas {meant}?"), format!("is {meant} meant?")),
            Self::Code(..) => Message::new(
                "rätta stavningen; `utfall check --tables TABELL` visar koderna",
                "mend the spelling; `utfall check --tables TABLE` shows the codes",
            ),
            Self::Nobody(_) => Message::new(
                "rätta villkoret, eller de andra villkoren på samma kolumn; `utfall check --tables TABELL` visar vilka värden den kan ha",
                "mend the condition, or the others on the same column; `utfall check --tables TABLE` shows which values it can have",
            ),
            Self::Decimal(_) => Message::new(
                "skriv hela tal här, till exempel THEN 1 ELSE 0, och räkna med decimaler i yttersta SELECT, på det publicerade: 100.0 * avg(…)",
                "write whole numbers here, such as THEN 1 ELSE 0, and compute with decimals in the outermost SELECT, on what is published: 100.0 * avg(…)",
            ),
            Self::SeveralRows(table, on) => Message::new(
                format!(
                    "räkna efter {on} först och koppla på det räknade: SELECT t.…, sum(c.n) AS n FROM (SELECT {on}, count(*) AS n FROM … GROUP BY {on}) AS c JOIN {table} t USING ({on}) GROUP BY t.…"
                ),
                format!(
                    "count by {on} first, and join what was counted: SELECT t.…, sum(c.n) AS n FROM (SELECT {on}, count(*) AS n FROM … GROUP BY {on}) AS c JOIN {table} t USING ({on}) GROUP BY t.…"
                ),
            ),
            Self::Aggregate(_) => Message::new(
                "tillåtet: count, count(DISTINCT <personen>), sum, avg, var_samp, var_pop, stddev, stddev_pop, median, approx_percentile_cont; i stället för max approx_percentile_cont(x, 0.95), i stället för min 0.05",
                "allowed: count, count(DISTINCT <the person>), sum, avg, var_samp, var_pop, stddev, stddev_pop, median, approx_percentile_cont; in place of max approx_percentile_cont(x, 0.95), in place of min 0.05",
            ),
            Self::AggregateModifier => Message::new(
                "flytta villkoret till FILTER (WHERE …) eller WHERE",
                "move the condition to FILTER (WHERE …) or WHERE",
            ),
            Self::AggregateCount => Message::new("lägg till till exempel count(*) AS antal", "add for instance count(*) AS n"),
            Self::Distinct(_) => Message::new(
                "räkna olika värden inom personen först: SELECT participant, count(DISTINCT x) … GROUP BY participant",
                "count different values within the person first: SELECT participant, count(DISTINCT x) … GROUP BY participant",
            ),
            Self::PeopleAlone => {
                Message::new("lägg count(DISTINCT …) i en egen .sql-fil", "put count(DISTINCT …) in a .sql file of its own")
            }
            Self::Fraction(_) => Message::new("skriv till exempel 0.25", "write for instance 0.25"),
            Self::Clamp(_) => Message::new(
                "ange minimum och maximum i schemat, eller klipp i frågan: least(greatest(x, 0), 100), med WHERE x IS NOT NULL (saknade värden skulle bli 0)",
                "declare minimum and maximum in the schema, or clamp in the query: least(greatest(x, 0), 100), with WHERE x IS NOT NULL (missing values would become 0)",
            ),
            Self::Range(_) | Self::Overflow(_) => Message::new(
                "klipp värdet först: least(greatest(x, 0), 1000), eller begränsa det i WHERE",
                "clamp the value first: least(greatest(x, 0), 1000), or narrow it in WHERE",
            ),
            Self::Unit(_) => Message::new(
                "ta bort kolumnen ur villkor, uttryck och utdata; count(*) räknar rader, count(DISTINCT participant) personer",
                "remove the column from conditions, expressions and output; count(*) counts rows, count(DISTINCT participant) people",
            ),
            Self::Key(_) => Message::new(
                "gruppera på en kolumn med kodlista, på CASE med konstanter, på date_trunc('month', …), begränsa talet eller dagen i WHERE (age BETWEEN 16 AND 64, start BETWEEN DATE '2021-01-01' AND DATE '2022-12-31'), eller gör nycklarna privata (private_keys = { delta = \"1e-7\" } i filens huvud)",
                "group by a column with a code list, by a CASE of constants, by date_trunc('month', …), narrow the number or the day in WHERE (age BETWEEN 16 AND 64, start BETWEEN DATE '2021-01-01' AND DATE '2022-12-31'), or make the keys private (private_keys = { delta = \"1e-7\" } in the front matter)",
            ),
            Self::PersonKey(_) => Message::new(
                "beräkna uttrycket i en inre SELECT och gruppera på dess namn",
                "compute the expression in an inner SELECT and group by its name",
            ),
            Self::PersonAggregate(_) => Message::new(
                "tillåtet inom personen: count, min, max, sum, bool_or, bool_and, first_value, last_value",
                "allowed within the person: count, min, max, sum, bool_or, bool_and, first_value, last_value",
            ),
            Self::Order(_) => Message::new(
                "avsluta ordningen med radens nummer: ORDER BY date, contribution, ordinal",
                "end the order with the row's numbers: ORDER BY date, contribution, ordinal",
            ),
            Self::RepeatedKey(_) => Message::new(
                "nämn den en gång i GROUP BY; i SELECT får den stå under flera namn",
                "name it once in GROUP BY; SELECT may show it under several names",
            ),
            Self::Reserved(..) => Message::new(
                "kalla värdet något annat än `total` och `missing`: i registret, i kodlistan eller i CASE",
                "call the value something else than `total` and `missing`: in the register, in the code list or in CASE",
            ),
            Self::GroupingSets => Message::new("skriv en .sql-fil per nivå", "write one .sql file per level"),
            Self::Expression(_) | Self::Function(_) => Message::new(
                "tillåtet: jämförelser, BETWEEN, IN, LIKE 'konstant', IS NULL, AND, OR, NOT, CASE, coalesce, nullif, greatest, least, + - * och / % med konstant, date_part och date_trunc (year, quarter, month, week, day), date - date",
                "allowed: comparisons, BETWEEN, IN, LIKE 'constant', IS NULL, AND, OR, NOT, CASE, coalesce, nullif, greatest, least, + - * and / % by a constant, date_part and date_trunc (year, quarter, month, week, day), date - date",
            ),
            Self::Types(_) => Message::new(
                "jämför med en konstant av kolumnens egen typ: DATE '2021-02-01', en kod inom citattecken ('1380'), true eller false; det som saknas med IS NULL",
                "compare with a constant of the column's own type: DATE '2021-02-01', a code in quotes ('1380'), true or false; what is missing with IS NULL",
            ),
            Self::Constant(_) => Message::new("skriv till exempel DATE '2021-02-01'", "write for instance DATE '2021-02-01'"),
            Self::Join(_) => Message::new(
                "skriv [LEFT] JOIN <offentlig tabell> USING (<dess nyckel>), med den privata tabellen till vänster om LEFT",
                "write [LEFT] JOIN <public table> USING (<its key>), with the private table to the left of LEFT",
            ),
            Self::PrivateJoin => Message::new(
                "koppla på personen, helst också på deltagandet: JOIN … USING (participant, contribution)",
                "join on the person, best on the participation too: JOIN … USING (participant, contribution)",
            ),
            Self::Subquery("NOT … IN (SELECT …)") => Message::new(
                "skriv NOT EXISTS (SELECT 1 FROM t WHERE t.x = q.x), som ett eget villkor: där ett värde saknas betyder NOT IN något annat",
                "write NOT EXISTS (SELECT 1 FROM t WHERE t.x = q.x), as a condition of its own: where a value is missing, NOT IN means something else",
            ),
            Self::Subquery(_) => Message::new(
                "skriv [NOT] EXISTS (SELECT 1 FROM m WHERE m.participant = f.participant AND …) eller participant [NOT] IN (SELECT participant …), som ett eget villkor; med en offentlig tabell NOT EXISTS (SELECT 1 FROM municipality m WHERE m.municipality = f.municipality AND …)",
                "write [NOT] EXISTS (SELECT 1 FROM m WHERE m.participant = f.participant AND …) or participant [NOT] IN (SELECT participant …), as a condition of its own; with a public table NOT EXISTS (SELECT 1 FROM municipality m WHERE m.municipality = f.municipality AND …)",
            ),
            Self::Node("OVER") => Message::new(
                "första och sista raden: first_value(x ORDER BY date, contribution, ordinal) och last_value i en inre SELECT med GROUP BY participant; raden före: koppla tabellen med sig själv på participant, där a.start > b.\"end\"; andelar och rangordning: i yttersta SELECT, på det publicerade (sum(n) OVER ())",
                "the first and the last row: first_value(x ORDER BY date, contribution, ordinal) and last_value in an inner SELECT with GROUP BY participant; the row before: join the table with itself on participant, where a.start > b.\"end\"; shares and ranks: in the outermost SELECT, on what is published (sum(n) OVER ())",
            ),
            Self::Node("LIMIT" | "ORDER BY") => Message::new(
                "enskilda personers rader kan inte väljas ut; sortera och korta det publicerade: SELECT k, count(*) AS n … GROUP BY k ORDER BY n DESC LIMIT 10",
                "rows of single people cannot be picked; sort and cut what is published: SELECT k, count(*) AS n … GROUP BY k ORDER BY n DESC LIMIT 10",
            ),
            Self::Node(_) => Message::new(
                "under dörren: FROM, JOIN, WHERE, UNION ALL och GROUP BY med personen; flytta resten ovanför det publicerade aggregatet",
                "below the door: FROM, JOIN, WHERE, UNION ALL and GROUP BY with the person; move the rest above the published aggregate",
            ),
            Self::PrivateAbove => Message::new(
                "läs människors rader en gång, under det publicerade aggregatet; andel av totalen: 100.0 * count(*) / sum(count(*)) OVER ()",
                "read people's rows once, below the published aggregate; a share of the total: 100.0 * count(*) / sum(count(*)) OVER ()",
            ),
            Self::TwoCrossings => Message::new(
                "ett aggregat per fil; flera mått kan stå bredvid varandra i samma SELECT",
                "one aggregate per file; several measures may stand side by side in one SELECT",
            ),
            Self::Volatile => Message::new(
                "skriv dagen som en konstant, till exempel DATE '2026-01-01'; annat som ändras från gång till gång tas bort",
                "write the day as a constant, such as DATE '2026-01-01'; what else changes from run to run is to be removed",
            ),
            Self::Coerced => Message::new(
                "skriv omvandlingen som en jämförelse med samma typ",
                "compare values of one type, so that no cast is needed",
            ),
            Self::Ignored("ORDER BY") => {
                Message::new("flytta ORDER BY dit där LIMIT står", "move ORDER BY to where LIMIT stands")
            }
            Self::Ignored("VARCHAR(…)") => Message::new(
                "skriv text utan längd; grövre grupper görs med CASE",
                "write text without a length; coarser groups are made by CASE",
            ),
            Self::Ignored("TOP") => Message::new(
                "skriv ORDER BY n DESC LIMIT 5 sist i frågan",
                "write ORDER BY n DESC LIMIT 5 at the end of the query",
            ),
            Self::Ignored(_) => {
                Message::new("ta bort det och skriv villkoret i WHERE", "remove it, and write the condition in WHERE")
            }
            Self::RowBound(_) => Message::new(
                "ange gränsen i release.toml: bounds = { participations = 3, rows = { <tabell> = 4 } }",
                "state it in release.toml: bounds = { participations = 3, rows = { <table> = 4 } }",
            ),
            Self::TooMany(_) => Message::new(
                "sänk gränserna i release.toml, koppla på deltagandet också, eller klipp värdena snävare",
                "lower the bounds in release.toml, join on the participation too, or clamp the values more tightly",
            ),
            Self::TooDeep => Message::new(
                "skriv IN (…) i stället för många OR, och läs varje tabell en gång",
                "write IN (…) instead of many ORs, and read each table once",
            ),
            Self::PrivateKeys => Message::new(
                "skriv SELECT nycklar, count(*) AS antal … GROUP BY nycklar, eller ta bort private_keys",
                "write SELECT keys, count(*) AS n … GROUP BY keys, or remove private_keys",
            ),
            Self::Anonymous => Message::new(
                "skriv SELECT count(*) AS antal FROM tabellen i en egen fil, eller ta bort anonymous = true",
                "write SELECT count(*) AS n FROM the table in a file of its own, or remove anonymous = true",
            ),
            Self::AboveFunction(_) => Message::new(
                "tillåtet: + - * / %, jämförelser, LIKE, CASE, coalesce, nullif, greatest, least, abs, signum, round, trunc, floor, ceil, sqrt, exp, ln, log, power, upper, lower, trim, concat, left, right, length, replace av text med lika lång eller kortare, date_part, date_trunc, to_char, aggregat och fönster som count, sum, avg, min, max, median, stddev, rank, row_number, lag och lead",
                "allowed: + - * / %, comparisons, LIKE, CASE, coalesce, nullif, greatest, least, abs, signum, round, trunc, floor, ceil, sqrt, exp, ln, log, power, upper, lower, trim, concat, left, right, length, replace of text by as long or shorter, date_part, date_trunc, to_char, aggregates and windows like count, sum, avg, min, max, median, stddev, rank, row_number, lag and lead",
            ),
            Self::AboveNode(_) => Message::new(
                "skriv frågan med SELECT, JOIN, UNION, GROUP BY och OVER; listor av tal skrivs med VALUES",
                "write the query with SELECT, JOIN, UNION, GROUP BY and OVER; lists of numbers are written with VALUES",
            ),
            Self::Heavy(_) => Message::new(
                "koppla offentliga tabeller på lika kolumner (JOIN … USING), räkna ihop rader innan de kopplas, och bygg inga långa texter",
                "join public tables by equal columns (JOIN … USING), aggregate rows before they are joined, and build no long texts",
            ),
            Self::NoPrivateTable => Message::new(
                "offentliga tabeller behöver inget brus; publicera dem som de är",
                "public tables need no noise; publish them as they are",
            ),
            Self::Name(_) => Message::new("döp den med AS: a-z, 0-9 och _", "name it with AS: a-z, 0-9 and _"),
            Self::Cells(_) => Message::new("gruppera på färre eller grövre nycklar", "group by fewer or coarser keys"),
        }
    }
}
