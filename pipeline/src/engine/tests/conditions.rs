//! Conditions mean what SQL says, also where a value is missing: random ones, below the door and above it, against three-valued
//! logic that is evaluated here, row by row, without the engine.
//!
//! It runs at each upgrade of the engine: a rule of its optimiser that forgets NULL is found here.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray as _, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use datafusion::catalog::MemTable;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::prelude::{SessionConfig, SessionContext};
use rand::rngs::ChaCha20Rng;
use rand::{RngExt as _, SeedableRng as _};

use super::database::{Database, bounds, catalogue, query, vectors};
use crate::above;
use crate::engine::connect;

/// How many conditions are compared below the door, and above it; a hundred times as many with `UTFALL_AUDIT_CASES`.
const CASES: [usize; 2] = [150, 1_000];

fn cases() -> [usize; 2] {
    let more = if std::env::var_os("UTFALL_AUDIT_CASES").is_some() { 20 } else { 1 };
    CASES.map(|cases| cases * more)
}

/// A value of a row or a constant.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
enum Value {
    Text(String),
    Number(i64),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "'{text}'"),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

/// A column, with some values that it can be compared with, and how it is compared.
#[derive(Debug, Clone)]
struct Column {
    name: &'static str,
    constants: Vec<Value>,
    /// Whether a list may hold NULL: below the door it may not.
    nulls: bool,
}

/// A condition as it is written, and what it means.
#[derive(Debug, Clone)]
enum Condition {
    In(&'static str, Vec<Option<Value>>, bool),
    Compared(&'static str, &'static str, Value),
    Between(&'static str, Value, Value, bool),
    Null(&'static str, bool),
    Not(Box<Self>),
    Both(Box<Self>, Box<Self>),
    Either(Box<Self>, Box<Self>),
    /// `IS [NOT] TRUE, FALSE, UNKNOWN`
    Is(Box<Self>, Option<bool>, bool),
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = |negated: &bool| if *negated { "NOT " } else { "" };
        match self {
            Self::In(column, list, negated) => {
                let list: Vec<String> = list.iter().map(|v| v.as_ref().map_or("NULL".into(), Value::to_string)).collect();
                write!(f, "{column} {}IN ({})", not(negated), list.join(", "))
            }
            Self::Compared(column, op, value) => write!(f, "{column} {op} {value}"),
            Self::Between(column, low, high, negated) => write!(f, "{column} {}BETWEEN {low} AND {high}", not(negated)),
            Self::Null(column, negated) => write!(f, "{column} IS {}NULL", not(negated)),
            Self::Not(inner) => write!(f, "NOT ({inner})"),
            Self::Both(a, b) => write!(f, "({a}) AND ({b})"),
            Self::Either(a, b) => write!(f, "({a}) OR ({b})"),
            Self::Is(inner, what, negated) => {
                let what = what.map_or("UNKNOWN", |known| if known { "TRUE" } else { "FALSE" });
                write!(f, "({inner}) IS {}{what}", not(negated))
            }
        }
    }
}

fn both(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// How two conditions are joined.
type Joined = fn(Option<bool>, Option<bool>) -> Option<bool>;

fn not(a: Option<bool>) -> Option<bool> {
    a.map(|a| !a)
}

impl Condition {
    /// A condition on some columns, at most so deep.
    fn random(columns: &[Column], depth: usize, rng: &mut ChaCha20Rng) -> Self {
        let inner = |rng: &mut ChaCha20Rng| Box::new(Self::random(columns, depth - 1, rng));
        match if depth == 0 { 9 } else { rng.random_range(0..9) } {
            0 | 1 => Self::Not(inner(rng)),
            2..=4 => Self::Both(inner(rng), inner(rng)),
            5..=7 => Self::Either(inner(rng), inner(rng)),
            8 => Self::Is(inner(rng), [None, Some(true), Some(false)][rng.random_range(0..3)], rng.random_range(0..2) == 0),
            _ => Self::leaf(&columns[rng.random_range(0..columns.len())], rng),
        }
    }

    fn leaf(column: &Column, rng: &mut ChaCha20Rng) -> Self {
        let negated = rng.random_range(0..2) == 0;
        let one = |rng: &mut ChaCha20Rng| column.constants[rng.random_range(0..column.constants.len())].clone();
        let ordered = matches!(column.constants[0], Value::Number(_));
        match rng.random_range(0..if ordered { 8 } else { 6 }) {
            0 => Self::Null(column.name, negated),
            1 => Self::Compared(column.name, if negated { "<>" } else { "=" }, one(rng)),
            2..=5 => {
                let item = |rng: &mut ChaCha20Rng| (!column.nulls || rng.random_range(0..6) > 0).then(|| one(rng));
                Self::In(column.name, (0..rng.random_range(1..5)).map(|_| item(rng)).collect(), negated)
            }
            6 => Self::Compared(column.name, ["<", "<=", ">", ">="][rng.random_range(0..4)], one(rng)),
            _ => Self::Between(column.name, one(rng), one(rng), negated),
        }
    }

    /// What it is for a row: true, false, or unknown.
    fn holds(&self, row: &BTreeMap<&str, Option<Value>>) -> Option<bool> {
        let value = |column: &&str| row[*column].clone();
        match self {
            Self::In(column, list, negated) => {
                let value = value(column)?;
                let found = if list.contains(&Some(value)) {
                    Some(true)
                } else if list.contains(&None) {
                    None
                } else {
                    Some(false)
                };
                if *negated { not(found) } else { found }
            }
            Self::Compared(column, op, constant) => {
                let order = value(column)?.partial_cmp(constant).unwrap();
                Some(match *op {
                    "=" => order.is_eq(),
                    "<>" => order.is_ne(),
                    "<" => order.is_lt(),
                    "<=" => order.is_le(),
                    ">" => order.is_gt(),
                    _ => order.is_ge(),
                })
            }
            Self::Between(column, low, high, negated) => {
                let value = value(column)?;
                Some((*low <= value && value <= *high) != *negated)
            }
            Self::Null(column, negated) => Some(value(column).is_none() != *negated),
            Self::Not(inner) => not(inner.holds(row)),
            Self::Both(a, b) => both(a.holds(row), b.holds(row)),
            Self::Either(a, b) => not(both(not(a.holds(row)), not(b.holds(row)))),
            Self::Is(inner, what, negated) => Some((inner.holds(row) == *what) != *negated),
        }
    }
}

fn texts(of: &[&str]) -> Vec<Value> {
    of.iter().map(|text| Value::Text((*text).to_owned())).collect()
}

fn numbers(of: &[i64]) -> Vec<Value> {
    of.iter().map(|number| Value::Number(*number)).collect()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().thread_stack_size(16 << 20).enable_all().build().unwrap()
}

#[test]
fn conditions_on_private_rows_mean_what_they_say_where_a_value_is_missing() {
    let catalogue = catalogue();
    let engine = connect(&catalogue).unwrap();
    let names: Vec<String> = super::database::names(catalogue.table("participation").unwrap());
    // The first codes are those that random rows mostly have.
    let codes = |list: &str| {
        let entries = catalogue.codes(list).unwrap().entries.iter().take(4);
        entries.map(|entry| Value::Text(entry.code.clone())).collect::<Vec<_>>()
    };
    let column = |name, constants| Column { name, constants, nulls: false };
    let columns = [
        column("exit_state", codes("exit_state")),
        column("sex", codes("sex")),
        column("age", numbers(&[0, 19, 20, 21, 64, 120])),
        column("contribution", numbers(&[1, 2, 3])),
    ];
    let (mut rng, folder) = (ChaCha20Rng::seed_from_u64(11), tempfile::tempdir().unwrap());
    let mut database = Database::default();
    for _ in 0..6 {
        for (table, rows) in Database::random(&catalogue, &mut rng).tables {
            database.tables.entry(table).or_default().extend(rows);
        }
    }
    let landed = database.land(&catalogue, folder.path());
    let rows: Vec<BTreeMap<&str, Option<Value>>> = database.tables["participation"]
        .iter()
        .map(|row| {
            let cell = |column: &Column| {
                let cell = row[names.iter().position(|name| name == column.name).unwrap()].clone();
                let number = matches!(column.constants[0], Value::Number(_));
                (column.name, cell.map(|c| if number { Value::Number(c.parse().unwrap()) } else { Value::Text(c) }))
            };
            columns.iter().map(cell).collect()
        })
        // The bound.
        .filter(|row: &BTreeMap<&str, Option<Value>>| matches!(row["contribution"], Some(Value::Number(1..=3))))
        .collect();
    assert!(rows.len() > 30 && rows.iter().any(|row| row["exit_state"].is_none()));
    let (mut unknown, mut refused, mut nobody, wanted) = (0, 0, 0, cases()[0]);
    runtime().block_on(async {
        for case in 0..wanted {
            let [key, filter, within] = [2, 2, 2].map(|depth| Condition::random(&columns, depth, &mut rng));
            let sql = format!(
                "SELECT CASE WHEN {key} THEN 'yes' WHEN NOT ({key}) THEN 'no' ELSE 'unknown' END AS k, count(*) AS n, \
                 count(*) FILTER (WHERE {filter}) AS m FROM participation WHERE {within} GROUP BY k"
            );
            let answer = match engine.check(&query("case", &sql), &catalogue, &bounds()).await {
                Ok(answer) => answer,
                // The engine's own check of what it plans fails where it shares `IS FALSE` between two places: refused in time.
                Err(refusal) if refusal.code == "nobody" => {
                    assert!(!rows.iter().any(|row| within.holds(row) == Some(true)), "{sql}\n{refusal}");
                    nobody += 1;
                    continue;
                }
                Err(refusal) => {
                    assert!(refusal.to_string().contains("Physical input schema should be the same"), "{sql}\n{refusal}");
                    refused += 1;
                    continue;
                }
            };
            let found = vectors(&engine, &catalogue, &answer, &landed).await;
            let chosen: Vec<_> = rows.iter().filter(|row| within.holds(row) == Some(true)).collect();
            let expected = answer.certified.grid().cells.iter().map(|cell| {
                let code = answer.certified.grid().keys[0].codes[usize::from(cell[0])].code.as_str();
                let of = match code {
                    "yes" => Some(true),
                    "no" => Some(false),
                    _ => None,
                };
                let mine = chosen.iter().filter(|row| key.holds(row) == of);
                let counted = mine.clone().filter(|row| filter.holds(row) == Some(true)).count();
                (i64::try_from(mine.count()).unwrap(), i64::try_from(counted).unwrap())
            });
            let (n, m): (Vec<i64>, Vec<i64>) = expected.unzip();
            // Two equal conditions are one vector.
            assert_eq!((&found[0], found.last().unwrap()), (&n, if found.len() == 1 { &n } else { &m }), "{case}: {sql}");
            // Whoever passes has a cell, whatever is left of the grid.
            assert_eq!(n.iter().sum::<i64>(), i64::try_from(chosen.len()).unwrap(), "{case}: {sql}");
            unknown += usize::from(chosen.iter().any(|row| key.holds(row).is_none()));
        }
    });
    assert!(
        unknown > wanted / 8 && refused < wanted / 4 && nobody < wanted / 2,
        "{unknown} unknown for some row, {refused} refused of {wanted}"
    );
    println!(
        "conditions below the door: {wanted} queries ({refused} refused, {nobody} that nobody meets), {} rows each",
        rows.len()
    );
}

/// Every combination of some values and NULL.
fn table() -> (RecordBatch, Vec<BTreeMap<&'static str, Option<Value>>>) {
    let (a, b) = ([None, Some(1), Some(2), Some(3)], [None, Some("x"), Some("y")]);
    let all: Vec<(Option<i64>, Option<&str>)> = a.iter().flat_map(|a| b.iter().map(|b| (*a, *b))).collect();
    let schema = Schema::new(vec![
        Field::new("id", DataType::Int64, false),
        Field::new("a", DataType::Int64, true),
        Field::new("b", DataType::Utf8, true),
    ]);
    let ids: ArrayRef = Arc::new((0..i64::try_from(all.len()).unwrap()).collect::<Int64Array>());
    let numbers: ArrayRef = Arc::new(all.iter().map(|(a, _)| *a).collect::<Int64Array>());
    let texts: ArrayRef = Arc::new(all.iter().map(|(_, b)| *b).collect::<StringArray>());
    let rows =
        all.iter().map(|(a, b)| BTreeMap::from([("a", a.map(Value::Number)), ("b", b.map(|text| Value::Text(text.to_owned())))]));
    (RecordBatch::try_new(Arc::new(schema), vec![ids, numbers, texts]).unwrap(), rows.collect())
}

/// The ids that a query gives.
async fn ids(context: &SessionContext, sql: &str) -> Vec<i64> {
    let batches = context.sql(sql).await.unwrap_or_else(|e| panic!("{sql}\n{e}")).collect().await.unwrap();
    let mut ids: Vec<i64> = batches.iter().flat_map(|b| b.column(0).as_primitive::<Int64Type>().values().to_vec()).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn conditions_above_the_door_mean_what_they_say_where_a_value_is_missing() {
    let context = above::session(SessionConfig::new(), Arc::new(RuntimeEnv::default())).unwrap();
    let (batch, rows) = table();
    let table = MemTable::try_new(batch.schema(), vec![vec![batch]]).unwrap();
    context.register_table("t", Arc::new(table)).unwrap();
    let columns = [
        Column { name: "a", constants: numbers(&[1, 2, 3, 4]), nulls: true },
        Column { name: "b", constants: texts(&["x", "y", "z"]), nulls: true },
    ];
    let (mut rng, wanted) = (ChaCha20Rng::seed_from_u64(12), cases()[1]);
    runtime().block_on(async {
        for case in 0..wanted {
            let condition = Condition::random(&columns, 3, &mut rng);
            let of = |what: Option<bool>| {
                let ids = rows.iter().enumerate().filter(|(_, row)| condition.holds(row) == what);
                ids.map(|(id, _)| i64::try_from(id).unwrap()).collect::<Vec<_>>()
            };
            let forms = [
                (format!("SELECT id FROM t WHERE {condition}"), of(Some(true))),
                (format!("SELECT id FROM t WHERE NOT ({condition})"), of(Some(false))),
                (format!("SELECT id FROM t WHERE ({condition}) IS UNKNOWN"), of(None)),
                (format!("SELECT id FROM t GROUP BY id, a, b HAVING {condition}"), of(Some(true))),
                (format!("SELECT id FROM (SELECT id, CASE WHEN {condition} THEN 1 ELSE 0 END AS c FROM t) AS q WHERE c = 1"), of(Some(true))),
                (format!("SELECT id FROM t GROUP BY id HAVING count(*) FILTER (WHERE {condition}) = 1"), of(Some(true))),
                (format!("SELECT t.id FROM t JOIN (SELECT id AS other FROM t) AS u ON id = other AND ({condition})"), of(Some(true))),
                (
                    format!("SELECT t.id FROM t LEFT JOIN (SELECT id AS other FROM t) AS u ON id = other AND ({condition}) WHERE other IS NOT NULL"),
                    of(Some(true)),
                ),
            ];
            let (sql, expected) = &forms[case % forms.len()];
            assert_eq!(ids(&context, sql).await, *expected, "{case}: {sql}");
        }
    });
    println!("conditions above the door: {wanted} queries, {} rows each", rows.len());
}

/// IN and NOT IN with a sub-query, each as a condition of its own and beside others: what the check lets stand above the door.
#[test]
fn lists_of_a_subquery_mean_what_they_say_where_a_value_is_missing() {
    let context = above::session(SessionConfig::new(), Arc::new(RuntimeEnv::default())).unwrap();
    let (batch, rows) = table();
    context.register_table("t", Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]]).unwrap())).unwrap();
    let columns = [
        Column { name: "a", constants: numbers(&[1, 2, 3, 4]), nulls: true },
        Column { name: "b", constants: texts(&["x", "y", "z"]), nulls: true },
    ];
    let (mut rng, wanted, mut empty) = (ChaCha20Rng::seed_from_u64(13), cases()[1] / 4, 0);
    runtime().block_on(async {
        for case in 0..wanted {
            let [within, beside] = [1, 1].map(|depth| Condition::random(&columns, depth, &mut rng));
            let column = ["a", "b"][case % 2];
            let mut list: Vec<Option<Value>> =
                rows.iter().filter(|row| within.holds(row) == Some(true)).map(|row| row[column].clone()).collect();
            list.dedup();
            empty += usize::from(list.is_empty());
            let listed = |negated| {
                // Of nothing at all, IN is false also where a value is missing.
                let of_list = Condition::In(column, list.clone(), negated);
                move |row: &BTreeMap<&str, Option<Value>>, empty: bool| if empty { Some(negated) } else { of_list.holds(row) }
            };
            let negated = case % 4 < 2;
            let (of_list, beside_holds) = (listed(negated), |row: &BTreeMap<&str, Option<Value>>| beside.holds(row));
            let text = format!("{column} {}IN (SELECT {column} FROM t WHERE {within})", if negated { "NOT " } else { "" });
            let (sql, joined): (String, Joined) = match case % 3 {
                0 => (format!("{text} AND ({beside})"), both),
                // Only what is not negated may stand beside OR.
                1 if !negated => (format!("{text} OR ({beside})"), |a, b| not(both(not(a), not(b)))),
                _ => (text, |a, _| a),
            };
            let sql = format!("SELECT id FROM t WHERE {sql}");
            let holds = |row| joined(of_list(row, list.is_empty()), beside_holds(row)) == Some(true);
            let expected: Vec<i64> = (0..).zip(&rows).filter(|(_, row)| holds(row)).map(|(id, _)| id).collect();
            assert_eq!(ids(&context, &sql).await, expected, "{case}: {sql}");
        }
    });
    assert!(empty > 0, "some lists are of nothing");
    println!("lists of sub-queries above the door: {wanted} queries");
}

/// What an expression is, by itself: the engine evaluates it in a projection that nothing is pushed through.
#[test]
fn what_was_simplified_to_the_opposite_is_unknown() {
    let context = above::session(SessionConfig::new(), Arc::new(RuntimeEnv::default())).unwrap();
    let (batch, _) = table();
    context.register_table("t", Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]]).unwrap())).unwrap();
    let one = |sql: String| {
        let context = &context;
        async move {
            let found = context.sql(&sql).await.unwrap().collect().await.unwrap();
            let column = found[0].column(0).as_boolean().clone();
            (column.len(), column.iter().next().unwrap())
        }
    };
    runtime().block_on(async {
        for condition in [
            "b NOT IN ('x') OR b NOT IN ('y')",
            "b IN ('x', 'z') AND b IN ('y', 'v')",
            "NOT (b IN ('x', 'z') AND b IN ('y', 'v'))",
            "a NOT IN (1, 2) OR a NOT IN (3, 4)",
            "a IN (1, 2) AND a NOT IN (1, 2, 3)",
        ] {
            // Row 0 has neither a nor b.
            assert_eq!(one(format!("SELECT {condition} AS c FROM t WHERE id = 0")).await, (1, None), "{condition}");
        }
    });
}
