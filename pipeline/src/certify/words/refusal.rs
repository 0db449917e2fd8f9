//! Refusals: what a query may not do, where it does it, and the way out. They depend on the query and on public things only.

use super::planner;
use utfall_ground::text::{Lang, Message};

mod help;

/// Why a query was refused. The name is stable: tests and documents refer to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    /// The text is not one SQL query that DataFusion can plan; holds the planner's words (planning sees no data).
    Sql(String),
    /// The core does not accept the proof of a vector; holds what it says.
    Proof(Message),
    /// SQL above the door gives other columns when it runs than when it was planned.
    Columns,
    /// More than one statement, or something that is not a query.
    Statement,
    /// Nothing is aggregated, so rows of people would leave.
    NoAggregate,
    /// Only aggregated within each person, so rows of people would leave.
    WithinPerson,
    /// A code that its list does not have; holds the code, the list and some of its codes, and the code that may be meant.
    Code(String, String, Option<String>),
    /// A condition that no value of its column meets; holds it.
    Nobody(String),
    /// A number with decimals below the door; holds the expression.
    Decimal(String),
    /// Rows of people that would meet several rows of a public table; holds that table, and what they meet on.
    SeveralRows(String, String),
    /// An aggregate that no mechanism answers; holds its name.
    Aggregate(String),
    /// ORDER BY, DISTINCT or null treatment inside an aggregate where it means nothing certified.
    AggregateModifier,
    /// Nothing that is measured among the aggregates.
    AggregateCount,
    /// `count(DISTINCT x)` of something else than the person; holds what.
    Distinct(String),
    /// `count(DISTINCT person)` beside quantiles.
    PeopleAlone,
    /// A quantile that is not a constant between 0 and 1; holds it.
    Fraction(String),
    /// A value to be summed has no known lowest and highest value; holds it.
    Clamp(String),
    /// A whole number could leave its type; holds the expression.
    Range(String),
    /// A sum could wrap; holds what is summed.
    Overflow(String),
    /// The privacy unit is used; holds the column's name.
    Unit(String),
    /// GROUP BY something that has no public list of values; holds what.
    Key(String),
    /// A grouping below the door by an expression; holds it.
    PersonKey(String),
    /// An aggregate that may not stand below the door; holds its name.
    PersonAggregate(String),
    /// `first_value` or `last_value` without a total order; holds its name.
    Order(String),
    /// Grouping sets that repeat, or too many of them.
    GroupingSets,
    /// A key that GROUP BY names twice; holds it.
    RepeatedKey(String),
    /// A key has a value that published files use for something else; holds the value and the key.
    Reserved(String, String),
    /// An expression that is not on the allow-list; holds its kind.
    Expression(String),
    /// Two sides of a comparison have different types, so that a cast would be inserted.
    Types(String),
    /// A constant that cannot be what it is said to be; holds it.
    Constant(String),
    /// A function; holds its name.
    Function(String),
    /// A join that no rule certifies; holds why.
    Join(Message),
    /// Two private tables that do not meet on the person.
    PrivateJoin,
    /// A sub-query that no rule certifies; holds its SQL name.
    Subquery(&'static str),
    /// A plan node that may not stand below the door; holds its SQL name.
    Node(&'static str),
    /// A private table is read above the door.
    PrivateAbove,
    /// A function that may not stand above the door; holds its name.
    AboveFunction(String),
    /// A plan node that may not stand above the door; holds its SQL name.
    AboveNode(&'static str),
    /// What stands above the door takes too much room or time; holds what of it.
    Heavy(Message),
    /// Two aggregates cross the door in one file.
    TwoCrossings,
    /// A function that gives another answer on every run.
    Volatile,
    /// Type coercion would change what was certified.
    Coerced,
    /// A clause that the planner would silently ignore, so that another query would run than was written; holds it.
    Ignored(&'static str),
    /// A child table without a bound on its rows per participation; holds the table.
    RowBound(String),
    /// One person could have more rows than can be counted; holds the table.
    TooMany(String),
    /// Expressions or sub-queries stand too deep in one another, or tables are read too often.
    TooDeep,
    /// A table with private keys that is more than one count by keys.
    PrivateKeys,
    /// A table that counts anonymous records too and is no grand total.
    Anonymous,
    /// No private table is read.
    NoPrivateTable,
    /// An output column cannot be the name of a published column; holds it.
    Name(String),
    /// The published grid would be larger than the limit.
    Cells(usize),
}

impl Violation {
    /// A short stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sql(_) => "sql",
            Self::Proof(_) => "proof",
            Self::Columns => "columns",
            Self::Statement => "statement",
            Self::NoAggregate => "no-aggregate",
            Self::WithinPerson => "within-person",
            Self::Code(..) => "code",
            Self::Nobody(_) => "nobody",
            Self::Decimal(_) => "decimal",
            Self::SeveralRows(..) => "several-rows",
            Self::Aggregate(_) => "aggregate",
            Self::AggregateModifier => "aggregate-modifier",
            Self::AggregateCount => "aggregate-count",
            Self::Distinct(_) => "distinct",
            Self::PeopleAlone => "people-alone",
            Self::Fraction(_) => "fraction",
            Self::Clamp(_) => "clamp",
            Self::Range(_) => "range",
            Self::Overflow(_) => "overflow",
            Self::Unit(_) => "unit",
            Self::Key(_) => "key",
            Self::PersonKey(_) => "person-key",
            Self::PersonAggregate(_) => "person-aggregate",
            Self::Order(_) => "order",
            Self::GroupingSets => "grouping-sets",
            Self::RepeatedKey(_) => "repeated-key",
            Self::Reserved(..) => "reserved",
            Self::Expression(_) => "expression",
            Self::Types(_) => "types",
            Self::Constant(_) => "constant",
            Self::Function(_) => "function",
            Self::Join(_) => "join",
            Self::PrivateJoin => "private-join",
            Self::Subquery(_) => "subquery",
            Self::Node(_) => "node",
            Self::PrivateAbove => "private-above",
            Self::AboveFunction(_) => "above-function",
            Self::AboveNode(_) => "above-node",
            Self::Heavy(_) => "heavy",
            Self::TwoCrossings => "two-crossings",
            Self::Volatile => "volatile",
            Self::Coerced => "coerced",
            Self::Ignored(_) => "ignored",
            Self::RowBound(_) => "row-bound",
            Self::TooMany(_) => "too-many-rows",
            Self::TooDeep => "too-deep",
            Self::PrivateKeys => "private-keys",
            Self::Anonymous => "anonymous",
            Self::NoPrivateTable => "no-private-table",
            Self::Name(_) => "name",
            Self::Cells(_) => "cells",
        }
    }

    /// The words by which the refused place is found again in the query, the most telling first.
    pub(crate) fn words(&self) -> Vec<String> {
        let within = |what: &String| {
            let last =
                |s: &str| s.split(['.', ' ', '(', ')', '"']).rfind(|p| p.chars().any(char::is_alphabetic)).map(str::to_owned);
            let first = what.split(' ').next().and_then(last);
            first.into_iter().chain([what.clone()]).chain(last(what)).collect::<Vec<_>>()
        };
        let own: Vec<String> = match self {
            Self::Aggregate(name)
            | Self::Unit(name)
            | Self::RowBound(name)
            | Self::PersonAggregate(name)
            | Self::Order(name)
            | Self::AboveFunction(name)
            | Self::Name(name) => {
                vec![name.clone()]
            }
            Self::Reserved(value, what) => [vec![format!("'{value}'")], within(what)].concat(),
            Self::Ignored("VARCHAR(…)") => vec!["varchar".into(), "char".into()],
            Self::Code(code, ..) => vec![format!("'{code}'"), code.clone()],
            Self::WithinPerson => vec!["group by".into()],
            Self::Function(name) => vec![name.split('(').next().unwrap_or(name).to_owned(), "extract".into()],
            Self::Constant(_) => vec!["date".into(), "cast".into()],
            Self::Decimal(what) => decimals(what).chain(within(what)).collect(),
            Self::SeveralRows(table, _) => vec![format!("join {table}"), table.clone()],
            Self::Nobody(what)
            | Self::Key(what)
            | Self::RepeatedKey(what)
            | Self::Types(what)
            | Self::Expression(what)
            | Self::PersonKey(what)
            | Self::Distinct(what)
            | Self::Fraction(what)
            | Self::Clamp(what)
            | Self::Range(what)
            | Self::Overflow(what) => within(what),
            Self::AggregateModifier | Self::AggregateCount | Self::PeopleAlone => vec!["count".into()],
            Self::GroupingSets => vec!["grouping sets".into(), "rollup".into(), "cube".into()],
            Self::Node(node) | Self::Subquery(node) => match *node {
                "IN (SELECT …)" => vec!["in ( select".into()],
                "NOT IN" | "NOT … IN (SELECT …)" => vec!["not in".into(), "not".into(), "in ( select".into()],
                "(SELECT …)" => vec!["( select".into()],
                node => vec![node.to_lowercase()],
            },
            Self::AboveNode(node) => vec![node.to_lowercase(), "with".into()],
            Self::Heavy(_) => ["cross join", "join", "||", "concat"].map(str::to_owned).to_vec(),
            Self::Join(what) => vec![what.get(Lang::En).to_lowercase(), "join".into()],
            Self::PrivateJoin => vec!["join".into(), "exists".into(), "in ( select".into()],
            Self::PrivateAbove | Self::TwoCrossings => vec!["join".into(), "union".into(), "( select".into()],
            Self::TooDeep => vec!["where".into(), "with".into()],
            Self::PrivateKeys => vec!["group by".into()],
            Self::Anonymous => ["where", "group by", "join", "filter"].map(str::to_owned).to_vec(),
            Self::Volatile => ["random", "uuid", "now", "current_date", "current_timestamp"].map(str::to_owned).to_vec(),
            Self::Ignored(clause) => vec![clause.to_lowercase()],
            Self::NoPrivateTable => vec!["from".into()],
            Self::Sql(_)
            | Self::Proof(_)
            | Self::Columns
            | Self::Statement
            | Self::NoAggregate
            | Self::Cells(_)
            | Self::TooMany(_)
            | Self::Coerced => {
                vec!["select".into()]
            }
        };
        own.into_iter().chain(["select".into()]).collect()
    }

    /// What is wrong.
    pub fn reason(&self) -> Message {
        match self {
            Self::Sql(words) => planner::reason(words),
            Self::Proof(why) => Message::new(
                format!("frågans bevis håller inte, ett fel i programmet: {}", why.get(Lang::Sv)),
                format!("the proof of the query does not hold, a fault of the program: {}", why.get(Lang::En)),
            ),
            Self::Columns => Message::new(
                "frågan ger andra kolumner när den körs än när den planeras",
                "the query gives other columns when it runs than when it is planned",
            ),
            Self::Statement => {
                Message::new("filen ska innehålla precis en fråga (SELECT)", "the file must hold exactly one query (SELECT)")
            }
            Self::NoAggregate => Message::new(
                "frågan räknar ingenting, så enskilda personers rader skulle lämna den skyddade zonen",
                "the query aggregates nothing, so rows of single people would leave the private zone",
            ),
            Self::Aggregate(name) => Message::new(
                format!("aggregatet `{name}` kan inte publiceras"),
                format!("the aggregate `{name}` cannot be published"),
            ),
            Self::WithinPerson => Message::new(
                "frågan räknar bara inom varje person, så enskilda personers rader skulle lämna den skyddade zonen",
                "the query aggregates within each person only, so rows of single people would leave the private zone",
            ),
            Self::Nobody(what) => Message::new(
                format!("inget värde uppfyller `{what}`, så ingen skulle räknas"),
                format!("no value meets `{what}`, so nobody would be counted"),
            ),
            Self::Decimal(what) => Message::new(
                format!("`{what}` räknar med decimaler; om människors rader räknas det i hela tal"),
                format!("`{what}` computes with decimals; people's rows are counted in whole numbers"),
            ),
            Self::SeveralRows(table, on) => Message::new(
                format!("en rad kan möta flera rader i `{table}` med samma {on}, så en person skulle räknas flera gånger"),
                format!("a row can meet several rows of `{table}` with the same {on}, so one person would count several times"),
            ),
            Self::Code(code, known, _) => Message::new(
                format!("koden `{code}` finns inte i kodlistan ({known})"),
                format!("the code list has no code `{code}` ({known})"),
            ),
            Self::AggregateModifier => Message::new(
                "ORDER BY, DISTINCT eller IGNORE NULLS i ett publicerat aggregat är inte certifierat",
                "ORDER BY, DISTINCT or IGNORE NULLS inside a published aggregate is not certified",
            ),
            Self::AggregateCount => Message::new("frågan mäter ingenting", "the query measures nothing"),
            Self::Distinct(what) => Message::new(
                format!("olika värden av `{what}` räknas; bara olika personer kan räknas"),
                format!("different values of `{what}` are counted; only different people can be"),
            ),
            Self::PeopleAlone => Message::new(
                "olika personer räknas bredvid kvantiler; personer i delar kan inte läggas ihop till helheten",
                "different people are counted beside quantiles; people in the parts do not add up to the whole",
            ),
            Self::Fraction(what) => Message::new(
                format!("`{what}` är ingen konstant kvantil mellan 0 och 1"),
                format!("`{what}` is no constant quantile between 0 and 1"),
            ),
            Self::Clamp(what) => Message::new(
                format!("`{what}` har inget känt lägsta och högsta värde, eller för många värden"),
                format!("`{what}` has no known lowest and highest value, or too many values"),
            ),
            Self::Range(what) => Message::new(
                format!("`{what}` kan bli större än ett heltal rymmer"),
                format!("`{what}` can become larger than a whole number holds"),
            ),
            Self::Overflow(what) => Message::new(
                format!("summan av `{what}` kan bli större än ett heltal rymmer"),
                format!("the sum of `{what}` can become larger than a whole number holds"),
            ),
            Self::Unit(column) => Message::new(
                format!(
                    "`{column}` är personen själv; den får bara kopplas, räknas (count(DISTINCT …)) och grupperas inom personen"
                ),
                format!(
                    "`{column}` is the person; it may only be joined, counted (count(DISTINCT …)) and grouped by within the person"
                ),
            ),
            Self::Key(what) => Message::new(
                format!("`{what}` har ingen offentlig lista över sina värden"),
                format!("`{what}` has no public list of its values"),
            ),
            Self::PersonKey(what) => Message::new(
                format!("gruppering inom personen på uttrycket `{what}`"),
                format!("grouping within the person by the expression `{what}`"),
            ),
            Self::PersonAggregate(name) => Message::new(
                format!("`{name}` får inte användas inom personen"),
                format!("`{name}` may not be used within the person"),
            ),
            Self::Order(name) => Message::new(
                format!("`{name}` har ingen fullständig ordning, så svaret skulle bero på hur raderna råkar ligga"),
                format!("`{name}` has no total order, so its answer would depend on how the rows happen to lie"),
            ),
            Self::RepeatedKey(what) => Message::new(
                format!("GROUP BY nämner nyckeln `{what}` två gånger"),
                format!("GROUP BY names the key `{what}` twice"),
            ),
            Self::Reserved(value, what) => Message::new(
                format!("`{value}` är ett värde av `{what}`, och så heter totalen eller det som saknas i publicerade tabeller"),
                format!("`{value}` is a value of `{what}`, and published tables call the total or what is missing so"),
            ),
            Self::GroupingSets => Message::new(
                "nivåerna i GROUPING SETS upprepas, är för många eller blandas på ett sätt som inte kan certifieras",
                "the levels of GROUPING SETS repeat, are too many, or are mixed in a way that cannot be certified",
            ),
            Self::Expression(kind) => Message::new(
                format!("uttrycket `{kind}` finns inte på listan över uttryck som aldrig kan fela"),
                format!("the expression `{kind}` is not on the list of expressions that can never fail"),
            ),
            Self::Types(what) => Message::new(
                format!("`{what}` jämför olika typer; en omvandling skulle kunna fela på någons värde"),
                format!("`{what}` compares different types; a cast could fail on somebody's value"),
            ),
            Self::Constant(what) => {
                Message::new(format!("konstanten `{what}` finns inte"), format!("the constant `{what}` does not exist"))
            }
            Self::Function(name) => Message::new(
                format!("funktionen `{name}` är inte tillåten på privata rader"),
                format!("the function `{name}` is not allowed on private rows"),
            ),
            Self::Join(why) => Message::new(
                format!("kopplingen kan inte certifieras ({})", why.get(Lang::Sv)),
                format!("the join cannot be certified ({})", why.get(Lang::En)),
            ),
            Self::PrivateJoin => Message::new(
                "två privata tabeller möts på annat än personen, så en persons rader skulle påverka andras",
                "two private tables meet on something else than the person, so one person's rows would affect others",
            ),
            Self::Subquery(node) => Message::new(
                format!("{node} kan inte certifieras i den här formen"),
                format!("{node} cannot be certified in this form"),
            ),
            Self::Node(node) => Message::new(
                format!("{node} får inte användas på privata rader"),
                format!("{node} may not be used on private rows"),
            ),
            Self::PrivateAbove => {
                Message::new("en privat tabell läses bredvid publicerade tal", "a private table is read beside published numbers")
            }
            Self::AboveFunction(name) => Message::new(
                format!("funktionen `{name}` får inte användas på publicerade tal"),
                format!("the function `{name}` may not be used on published numbers"),
            ),
            Self::AboveNode(node) => Message::new(
                format!("{node} får inte användas på publicerade tal"),
                format!("{node} may not be used on published numbers"),
            ),
            Self::Heavy(what) => Message::new(
                format!("det som räknas på de publicerade talen kräver för mycket: {}", what.get(Lang::Sv)),
                format!("what is computed from the published numbers takes too much: {}", what.get(Lang::En)),
            ),
            Self::TwoCrossings => {
                Message::new("två aggregat i en fil skulle publiceras", "two aggregates in one file would be published")
            }
            Self::Volatile => {
                Message::new("svaret skulle bli ett annat vid varje körning", "the answer would be another on every run")
            }
            Self::Coerced => Message::new(
                "planerarens typomvandling skulle ändra det som certifierats",
                "the planner's type coercion would change what was certified",
            ),
            Self::Ignored(clause) => {
                let sv = match *clause {
                    "a function as a table" => "en funktion i stället för en tabell",
                    "a path into a table" => "en väg in i en tabell",
                    "a column's type" => "en kolumns typ",
                    "a table that is neither a name nor a sub-select" => "en tabell som varken är ett namn eller en inre fråga",
                    // SQL, in any language.
                    clause => clause,
                };
                Message::new(
                    format!("{sv} skulle tyst hoppas över av planeraren"),
                    format!("{clause} would silently be ignored by the planner"),
                )
            }
            Self::RowBound(table) => Message::new(
                format!("antalet rader i `{table}` per deltagande är inte begränsat"),
                format!("the rows of `{table}` per participation are not bounded"),
            ),
            Self::TooMany(table) => Message::new(
                format!("en person skulle kunna ändra `{table}` mer än vad som kan räknas"),
                format!("one person could change `{table}` by more than can be counted"),
            ),
            Self::TooDeep => Message::new(
                "uttryck står mer än 200 djupt i varandra, eller tabeller läses mer än 64 gånger",
                "expressions stand more than 200 deep in one another, or tables are read more than 64 times",
            ),
            Self::PrivateKeys => Message::new(
                "med privata nycklar kan bara ett antal efter nycklar publiceras, utan nivåer och utan SQL ovanför",
                "with private keys only one count by keys can be published, without levels and without SQL above it",
            ),
            Self::Anonymous => Message::new(
                "anonyma poster (skyddad identitet) räknas bara i totalsummor: utan villkor, nycklar och kopplingar",
                "anonymous records (protected identity) are counted in grand totals only: without conditions, keys and joins",
            ),
            Self::NoPrivateTable => Message::new("frågan läser ingen privat tabell", "the query reads no private table"),
            Self::Name(name) => Message::new(
                format!("`{name}` kan inte vara namnet på en publicerad kolumn, eller används två gånger"),
                format!("`{name}` cannot be the name of a published column, or is used twice"),
            ),
            Self::Cells(n) => Message::new(format!("tabellen skulle få {n} celler"), format!("the table would have {n} cells")),
        }
    }
}

/// The numbers with decimals in an expression.
fn decimals(sql: &str) -> impl Iterator<Item = String> {
    let numbers = sql.split(|c: char| !c.is_ascii_digit() && c != '.');
    numbers.filter(|number| number.contains('.') && number.len() > 1).map(str::to_owned)
}
