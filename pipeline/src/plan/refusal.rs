//! Refusals: what a query may not do, where it does it, and the way out. They depend on the query and on public things only.

use std::fmt;

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use crate::language::say;

/// Why a query was refused. The name is stable: tests and documents refer to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// The text is not one SQL query that DataFusion can plan; holds the planner's words (planning sees no data).
    Sql(String),
    /// More than one statement, or something that is not a query.
    Statement,
    /// Nothing is aggregated, so rows of people would leave.
    NoAggregate,
    /// An aggregate other than `count(*)`; holds its name.
    Aggregate(String),
    /// `count(DISTINCT …)`, `count(x)`, FILTER or ORDER BY inside an aggregate.
    AggregateModifier,
    /// More or fewer than one aggregate in one table.
    AggregateCount,
    /// The privacy unit is used; holds the column's name.
    Unit(String),
    /// GROUP BY something that has no public list of values; holds what.
    Key(String),
    /// GROUPING SETS, ROLLUP or CUBE.
    GroupingSets,
    /// A key of GROUP BY is not in the output; holds its name.
    HiddenKey(String),
    /// An expression that is not on the allow-list; holds its kind.
    Expression(String),
    /// Two sides of a comparison have different types, so that a cast would be inserted.
    Types(String),
    /// A constant that cannot be what it is said to be; holds it.
    Constant(String),
    /// A function; holds its name.
    Function(String),
    /// A join that is not an inner join with a public table on that table's key.
    Join(String),
    /// A private table joined with a private table.
    PrivateJoin,
    /// A plan node that may not stand below the door; holds its SQL name.
    Node(&'static str),
    /// A node above the aggregate; holds its SQL name.
    Above(&'static str),
    /// A clause that the planner would silently ignore, so that another query would run than was written; holds it.
    Ignored(&'static str),
    /// A child table without a bound on its rows per participation; holds the table.
    RowBound(String),
    /// No private table is read.
    NoPrivateTable,
    /// The same private table is scanned twice.
    SecondScan,
    /// An output column cannot be the name of a published column; holds it.
    Name(String),
    /// The published grid would be larger than the limit.
    Cells(usize),
}

/// One refusal, placed in its file.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// Why.
    pub rule: Rule,
    /// The query's file, as shown to people.
    pub file: String,
    /// Line and column, counted from 1, and the line itself.
    pub place: Option<(u64, u64, String)>,
}

impl Rule {
    /// A short stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sql(_) => "sql",
            Self::Statement => "statement",
            Self::NoAggregate => "no-aggregate",
            Self::Aggregate(_) => "aggregate",
            Self::AggregateModifier => "aggregate-modifier",
            Self::AggregateCount => "aggregate-count",
            Self::Unit(_) => "unit",
            Self::Key(_) => "key",
            Self::GroupingSets => "grouping-sets",
            Self::HiddenKey(_) => "hidden-key",
            Self::Expression(_) => "expression",
            Self::Types(_) => "types",
            Self::Constant(_) => "constant",
            Self::Function(_) => "function",
            Self::Join(_) => "join",
            Self::PrivateJoin => "private-join",
            Self::Node(_) => "node",
            Self::Above(_) => "above",
            Self::Ignored(_) => "ignored",
            Self::RowBound(_) => "row-bound",
            Self::NoPrivateTable => "no-private-table",
            Self::SecondScan => "second-scan",
            Self::Name(_) => "name",
            Self::Cells(_) => "cells",
        }
    }

    /// The words by which the refused place is found again in the query, the most telling first.
    pub(crate) fn words(&self) -> Vec<String> {
        let own: Vec<String> = match self {
            Self::Aggregate(name)
            | Self::Function(name)
            | Self::Unit(name)
            | Self::RowBound(name)
            | Self::HiddenKey(name)
            | Self::Name(name) => {
                vec![name.clone()]
            }
            Self::Constant(_) => vec!["date".into(), "cast".into()],
            Self::Key(what) | Self::Types(what) | Self::Expression(what) => {
                let last =
                    |s: &str| s.split(['.', ' ', '(', ')']).rfind(|p| p.chars().any(char::is_alphabetic)).map(str::to_owned);
                let first = what.split(' ').next().and_then(last);
                first.into_iter().chain([what.clone()]).collect()
            }
            Self::AggregateModifier | Self::AggregateCount => vec!["count".into()],
            Self::GroupingSets => vec!["grouping sets".into(), "rollup".into(), "cube".into()],
            Self::Node(node) | Self::Above(node) => match *node {
                "IN (SELECT …)" => vec!["in ( select".into()],
                "(SELECT …)" => vec!["( select".into()],
                node => vec![node.to_lowercase()],
            },
            Self::Join(what) => vec![what.to_lowercase(), "join".into()],
            Self::PrivateJoin | Self::SecondScan => vec!["join".into()],
            Self::Ignored(clause) => vec![clause.to_lowercase()],
            Self::NoPrivateTable => vec!["from".into()],
            Self::Sql(_) | Self::Statement | Self::NoAggregate | Self::Cells(_) => vec!["select".into()],
        };
        own.into_iter().chain(["select".into()]).collect()
    }

    /// What is wrong, in the language of the process.
    pub fn reason(&self) -> String {
        match self {
            Self::Sql(words) => {
                say(format!("frågan kan inte planeras: {words}"), format!("the query cannot be planned: {words}"))
            }
            Self::Statement => {
                say("filen ska innehålla precis en fråga (SELECT)", "the file must hold exactly one query (SELECT)").into()
            }
            Self::NoAggregate => say(
                "frågan räknar ingenting, så enskilda personers rader skulle lämna den skyddade zonen",
                "the query aggregates nothing, so rows of single people would leave the private zone",
            )
            .into(),
            Self::Aggregate(name) => say(
                format!("aggregatet `{name}` kan inte publiceras än"),
                format!("the aggregate `{name}` cannot be published yet"),
            ),
            Self::AggregateModifier => say(
                "bara count(*) är certifierat: inte count(x), DISTINCT, FILTER eller ORDER BY i aggregatet",
                "only count(*) is certified: not count(x), DISTINCT, FILTER or ORDER BY inside the aggregate",
            )
            .into(),
            Self::AggregateCount => {
                say("en tabell publicerar precis ett count(*)", "a table publishes exactly one count(*)").into()
            }
            Self::Unit(column) => say(
                format!("`{column}` är personen själv; ingen fråga får använda eller visa den"),
                format!("`{column}` is the person; no query may use or show it"),
            ),
            Self::Key(what) => say(
                format!("`{what}` har ingen offentlig lista över sina värden"),
                format!("`{what}` has no public list of its values"),
            ),
            Self::GroupingSets => say(
                "GROUPING SETS, ROLLUP och CUBE kan inte certifieras än",
                "GROUPING SETS, ROLLUP and CUBE cannot be certified yet",
            )
            .into(),
            Self::HiddenKey(key) => say(
                format!("nyckeln `{key}` i GROUP BY saknas i SELECT"),
                format!("the GROUP BY key `{key}` is missing from SELECT"),
            ),
            Self::Expression(kind) => say(
                format!("uttrycket `{kind}` finns inte på listan över uttryck som aldrig kan fela"),
                format!("the expression `{kind}` is not on the list of expressions that can never fail"),
            ),
            Self::Types(what) => say(
                format!("`{what}` jämför olika typer; en omvandling skulle kunna fela på någons värde"),
                format!("`{what}` compares different types; a cast could fail on somebody's value"),
            ),
            Self::Constant(what) => {
                say(format!("konstanten `{what}` finns inte"), format!("the constant `{what}` does not exist"))
            }
            Self::Function(name) => say(
                format!("funktionen `{name}` är inte tillåten på privata rader"),
                format!("the function `{name}` is not allowed on private rows"),
            ),
            Self::Join(why) => {
                say(format!("kopplingen kan inte certifieras ({why})"), format!("the join cannot be certified ({why})"))
            }
            Self::PrivateJoin => say("två privata tabeller kopplas", "two private tables are joined").into(),
            Self::Node(node) => {
                say(format!("{node} får inte användas på privata rader"), format!("{node} may not be used on private rows"))
            }
            Self::Above(node) => say(
                format!("{node} ovanför aggregatet stöds inte än"),
                format!("{node} above the aggregate is not supported yet"),
            ),
            Self::Ignored(clause) => say(
                format!("{clause} skulle tyst hoppas över av planeraren"),
                format!("{clause} would silently be ignored by the planner"),
            ),
            Self::RowBound(table) => say(
                format!("antalet rader i `{table}` per deltagande är inte begränsat"),
                format!("the rows of `{table}` per participation are not bounded"),
            ),
            Self::NoPrivateTable => say("frågan läser ingen privat tabell", "the query reads no private table").into(),
            Self::SecondScan => say("en privat tabell läses två gånger", "a private table is read twice").into(),
            Self::Name(name) => say(
                format!("`{name}` kan inte vara namnet på en publicerad kolumn, eller används två gånger"),
                format!("`{name}` cannot be the name of a published column, or is used twice"),
            ),
            Self::Cells(n) => say(format!("tabellen skulle få {n} celler"), format!("the table would have {n} cells")),
        }
    }

    /// The way out, in the language of the process.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Sql(_) => say(
                "rätta frågan; `utfall check` visar tabeller och kolumner med --tables",
                "mend the query; `utfall check --tables` lists tables and columns",
            ),
            Self::Statement => say("lägg varje tabell i en egen .sql-fil", "put each table in a .sql file of its own"),
            Self::NoAggregate => say(
                "räkna: SELECT nyckel, count(*) AS antal … GROUP BY nyckel",
                "count: SELECT key, count(*) AS n … GROUP BY key",
            ),
            Self::Aggregate(_) => say(
                "använd count(*); summor och medelvärden kräver egna gränser",
                "use count(*); sums and means need clamps of their own",
            ),
            Self::AggregateModifier => {
                say("skriv count(*) och flytta villkoret till WHERE", "write count(*) and move the condition to WHERE")
            }
            Self::AggregateCount => {
                say("dela frågan i flera .sql-filer, en per mått", "split the query into several .sql files, one per measure")
            }
            Self::Unit(_) => say(
                "ta bort kolumnen; count(*) räknar deltaganden med högst det tillåtna antalet per person",
                "remove the column; count(*) counts participations, at most the declared number per person",
            ),
            Self::Key(_) => say(
                "gruppera på en kolumn med kodlista (till exempel age_band i stället för age)",
                "group by a column with a code list (for instance age_band instead of age)",
            ),
            Self::GroupingSets => say("skriv en .sql-fil per nivå", "write one .sql file per level"),
            Self::HiddenKey(_) => {
                say("lägg nyckeln i SELECT eller ta bort den ur GROUP BY", "add the key to SELECT or remove it from GROUP BY")
            }
            Self::Expression(_) | Self::Function(_) => say(
                "tillåtet: kolumner, konstanter, = <> < <= > >=, BETWEEN, IN (konstanter), IS [NOT] NULL, AND, OR, NOT",
                "allowed: columns, constants, = <> < <= > >=, BETWEEN, IN (constants), IS [NOT] NULL, AND, OR, NOT",
            ),
            Self::Types(_) => say(
                "jämför med en konstant av kolumnens egen typ, till exempel DATE '2021-02-01'",
                "compare with a constant of the column's own type, for instance DATE '2021-02-01'",
            ),
            Self::Constant(_) => say("skriv till exempel DATE '2021-02-01'", "write for instance DATE '2021-02-01'"),
            Self::Join(_) => {
                say("skriv JOIN <offentlig tabell> USING (<dess nyckel>)", "write JOIN <public table> USING (<its key>)")
            }
            Self::PrivateJoin => say("räkna i en privat tabell i taget", "count in one private table at a time"),
            Self::Node(_) => say(
                "skriv om till: FROM, JOIN med offentlig tabell, WHERE, GROUP BY, count(*)",
                "rewrite as: FROM, JOIN with a public table, WHERE, GROUP BY, count(*)",
            ),
            Self::Above(_) => say(
                "ta bort det; alla celler publiceras, i kodlistornas ordning",
                "remove it; every cell is published, in the order of the code lists",
            ),
            Self::Ignored(_) => say("ta bort det och skriv villkoret i WHERE", "remove it, and write the condition in WHERE"),
            Self::RowBound(_) => say(
                "ange gränsen i release.toml: bounds = { participations = 3, rows = { <tabell> = 4 } }",
                "state it in release.toml: bounds = { participations = 3, rows = { <table> = 4 } }",
            ),
            Self::NoPrivateTable => say(
                "offentliga tabeller behöver inget brus; publicera dem som de är",
                "public tables need no noise; publish them as they are",
            ),
            Self::SecondScan => say("läs tabellen en gång", "read the table once"),
            Self::Name(_) => say("döp den med AS: a-z, 0-9 och _", "name it with AS: a-z, 0-9 and _"),
            Self::Cells(_) => say("gruppera på färre eller grövre nycklar", "group by fewer or coarser keys"),
        }
    }
}

impl Refusal {
    /// A refusal placed at the first of `words` that stands in the query (outside comments and strings).
    pub fn new(rule: Rule, file: &str, sql: &str, words: &[&str]) -> Self {
        Self { rule, file: file.to_owned(), place: words.iter().find_map(|word| locate(sql, word)) }
    }
}

/// Line, column and text of the first token sequence `phrase` in `sql`, ignoring case, comments and strings.
fn locate(sql: &str, phrase: &str) -> Option<(u64, u64, String)> {
    let wanted: Vec<String> = phrase.split_whitespace().map(str::to_lowercase).collect();
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize_with_location().ok()?;
    let words: Vec<_> =
        tokens.iter().filter(|t| !matches!(t.token, Token::Whitespace(_) | Token::SingleQuotedString(_))).collect();
    let found = words.windows(wanted.len().max(1)).find(|window| {
        window.iter().zip(&wanted).all(|(token, word)| {
            let text = match &token.token {
                Token::Word(w) => w.value.to_lowercase(),
                other => other.to_string().to_lowercase(),
            };
            text == *word
        })
    })?;
    let start = found.first()?.span.start;
    let line = usize::try_from(start.line).ok().and_then(|l| l.checked_sub(1)).and_then(|l| sql.lines().nth(l))?;
    Some((start.line, start.column, line.to_owned()))
}

/// Like rustc's: what, where, and the way out.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}[{}]: {}", say("vägrad", "refused"), self.rule.name(), self.rule.reason())?;
        if let Some((line, column, text)) = &self.place {
            let width = line.to_string().len();
            let pad = usize::try_from(*column).unwrap_or(1).saturating_sub(1);
            writeln!(f, "{:width$}--> {}:{line}:{column}", "", self.file)?;
            writeln!(f, "{:width$} |", "")?;
            writeln!(f, "{line} | {text}")?;
            writeln!(f, "{:width$} | {:pad$}^", "", "")?;
        } else {
            writeln!(f, " --> {}", self.file)?;
        }
        write!(f, " = {}: {}", say("hjälp", "help"), self.rule.help())
    }
}
