//! Numbers each person's rows and sorts them by person, so that a query's bound is a plain predicate.
//!
//! # Privacy
//! A participation gets the person's next `contribution`, in order of arrival over all projects, and the next `entry` in
//! its project. A number is given once: it is stored with its row, and a commit made against version v succeeds only as
//! v + 1, so two landings cannot give one person the same number. A child row carries the `contribution` of the
//! participation that covers its date and the next `ordinal` within it. Each person's numbers depend on that person's
//! rows alone.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray as _, BinaryArray, BooleanArray, Date32Array, Int16Array, Int32Array, Int64Array, RecordBatch,
};
use arrow::datatypes::{DataType, Date32Type, Int16Type, Int32Type, Int64Type};

use super::finding::{Finding, Rule};
use super::pseudonymise::Pseudonym;
use super::validate::{Cell, Row};
use crate::error::Error;
use crate::schema::{Role, TableSchema};
use crate::store::Pinned;

/// A row with its two numbers: `contribution`, and `entry` or `ordinal`.
#[derive(Debug)]
pub struct Numbered {
    cells: Vec<Cell>,
    unit: Pseudonym,
    numbers: [i32; 2],
}

/// What has landed on a table before: its keys and the highest numbers.
#[derive(Debug)]
pub struct Landed {
    /// Every row's values by its key.
    rows: HashMap<Vec<Cell>, Vec<Cell>>,
    /// Per person: the highest contribution (participations).
    contributions: HashMap<Pseudonym, i32>,
    /// Per person and project (participations) or per person and contribution (child rows): the highest second number.
    seconds: HashMap<(Pseudonym, i64), i32>,
}

/// Start, end and contribution of each participation, by person and project.
pub type Participations = HashMap<(Pseudonym, i16), Vec<(i32, Option<i32>, i32)>>;

/// Reads what has landed on a table.
///
/// # Errors
/// When a file is missing or damaged.
pub fn landed(table: &TableSchema, pinned: &Pinned) -> Result<Landed, Error> {
    let mut known = Landed { rows: HashMap::new(), contributions: HashMap::new(), seconds: HashMap::new() };
    let [first, second] = table.numbers();
    let columns: Vec<&str> = table.columns.keys().map(String::as_str).chain([first, second]).collect();
    for batch in pinned.read(&columns)? {
        let rows: Vec<Vec<Cell>> = batch.columns().iter().map(cells).collect();
        for i in 0..batch.num_rows() {
            let row: Vec<Cell> = rows.iter().filter_map(|c| c.get(i).copied()).collect();
            let Some((values, [Cell::Integer(contribution), Cell::Integer(second)])) = row.split_last_chunk::<2>() else {
                return Err(damaged(table));
            };
            known.remember(table, key(table, values), values, [number(*contribution), number(*second)]);
        }
    }
    Ok(known)
}

impl Landed {
    fn remember(&mut self, table: &TableSchema, key: Vec<Cell>, values: &[Cell], numbers: [i32; 2]) {
        let (person, project) = (key.iter().find_map(unit), project(table, &key));
        self.rows.insert(key, values.to_vec());
        let Some(unit) = person else { return };
        let highest = self.contributions.entry(unit).or_default();
        *highest = numbers[0].max(*highest);
        let group = if table.parent.is_some() { i64::from(numbers[0]) } else { project.map_or(0, i64::from) };
        let highest = self.seconds.entry((unit, group)).or_default();
        *highest = numbers[1].max(*highest);
    }
}

/// Start, end and number of every landed participation.
///
/// # Errors
/// When a file is missing or damaged.
pub fn participations(table: &TableSchema, pinned: &Pinned) -> Result<Participations, Error> {
    let mut found = Participations::new();
    for batch in pinned.read(&["participant", "project", "start", "end", "contribution"])? {
        let columns: Vec<Vec<Cell>> = batch.columns().iter().map(cells).collect();
        for i in 0..batch.num_rows() {
            let row: Vec<Cell> = columns.iter().filter_map(|c| c.get(i).copied()).collect();
            let [Cell::Unit(unit), Cell::Code(project), Cell::Date(start), end, Cell::Integer(contribution)] = row.as_slice()
            else {
                return Err(damaged(table));
            };
            let end = if let Cell::Date(end) = end { Some(*end) } else { None };
            found.entry((*unit, *project)).or_default().push((*start, end, number(*contribution)));
        }
    }
    Ok(found)
}

/// Numbers rows in their order of arrival. `parents` are the participations, for child rows. A row whose key has landed
/// is skipped silently when `resuming` the same delivery.
pub fn number_rows(
    table: &TableSchema,
    rows: &[Row],
    known: &mut Landed,
    parents: Option<&Participations>,
    resuming: bool,
) -> (Vec<Numbered>, Vec<Finding>) {
    let (mut numbered, mut findings, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for row in rows {
        let mut found = |rule: Rule| {
            let severity = rule.severity();
            findings.push(Finding::row(row.number, None, rule, severity));
        };
        let key = key(table, &row.cells);
        let Some(person) = key.iter().find_map(unit) else { continue };
        if !seen.insert(key.clone()) {
            found(Rule::Repeated);
            continue;
        }
        match known.rows.get(&key) {
            Some(landed) if !row.agrees(landed) => {
                found(Rule::AlreadyLanded);
                continue;
            }
            Some(_) => {
                if !resuming {
                    found(Rule::KnownRow);
                }
                continue;
            }
            None => {}
        }
        let contribution = match parents {
            None => Some(known.contributions.get(&person).copied().unwrap_or(0).saturating_add(1)),
            Some(parents) => covering(table, row, person, parents),
        };
        let Some(contribution) = contribution else {
            found(Rule::NoParticipation);
            continue;
        };
        let group = if parents.is_some() { i64::from(contribution) } else { project(table, &key).map_or(0, i64::from) };
        let second = known.seconds.get(&(person, group)).copied().unwrap_or(0).saturating_add(1);
        known.remember(table, key, &row.cells, [contribution, second]);
        numbered.push(Numbered { cells: row.cells.clone(), unit: person, numbers: [contribution, second] });
    }
    numbered.sort_by_key(|r| (r.unit, r.numbers));
    (numbered, findings)
}

impl Row {
    /// Whether a landed row has the values of this one. What was derived does not count: code lists may have changed since.
    fn agrees(&self, landed: &[Cell]) -> bool {
        let pairs = self.cells.iter().zip(&self.derived).zip(landed);
        self.cells.len() == landed.len() && pairs.into_iter().all(|((mine, derived), theirs)| *derived || mine == theirs)
    }
}

/// The values of a row's primary key.
fn key(table: &TableSchema, values: &[Cell]) -> Vec<Cell> {
    let at = table.primary_key.iter().filter_map(|k| table.columns.get_index_of(k));
    at.filter_map(|i| values.get(i).copied()).collect()
}

fn damaged(table: &TableSchema) -> Error {
    Error::storage(format!(
        "the landed table {} holds what landing does not write; restore the data directory from a backup",
        table.name
    ))
}

/// The number of the latest participation of this person in this project that covers the row's date.
fn covering(table: &TableSchema, row: &Row, person: Pseudonym, parents: &Participations) -> Option<i32> {
    let cell = |name: &str| table.columns.get_index_of(name).and_then(|i| row.cells.get(i).copied());
    let (Some(Cell::Code(project)), Some(Cell::Date(day))) = (cell("project"), table.column_with(Role::Start).and_then(cell))
    else {
        return None;
    };
    let covering =
        parents.get(&(person, project))?.iter().filter(|(start, end, _)| *start <= day && end.is_none_or(|e| day <= e));
    covering.max_by_key(|(start, _, _)| *start).map(|(_, _, contribution)| *contribution)
}

/// The landed form of numbered rows.
///
/// # Errors
/// When rows and schema do not fit, which would be a defect of this program.
pub fn batch(table: &TableSchema, rows: &[Numbered]) -> Result<RecordBatch, Error> {
    let mut columns: Vec<ArrayRef> = Vec::new();
    let schema = table.landed();
    for (i, field) in schema.fields().iter().take(table.columns.len()).enumerate() {
        columns.push(column(field.data_type(), rows.iter().map(|r| r.cells.get(i).copied().unwrap_or(Cell::Null))));
    }
    for i in 0..2 {
        columns.push(Arc::new(rows.iter().map(|r| r.numbers.get(i).copied()).collect::<Int32Array>()));
    }
    RecordBatch::try_new(schema, columns).map_err(Error::engine)
}

fn column(kind: &DataType, cells: impl Iterator<Item = Cell>) -> ArrayRef {
    match kind {
        DataType::Binary => {
            let bytes: Vec<Option<[u8; 16]>> = cells.map(|c| unit(&c).map(|p| p.0)).collect();
            Arc::new(bytes.iter().map(|b| b.as_ref().map(|b| b.as_slice())).collect::<BinaryArray>())
        }
        DataType::Int16 => Arc::new(cells.map(|c| if let Cell::Code(v) = c { Some(v) } else { None }).collect::<Int16Array>()),
        DataType::Date32 => Arc::new(cells.map(|c| if let Cell::Date(v) = c { Some(v) } else { None }).collect::<Date32Array>()),
        DataType::Boolean => {
            Arc::new(cells.map(|c| if let Cell::Boolean(v) = c { Some(v) } else { None }).collect::<BooleanArray>())
        }
        _ => Arc::new(cells.map(|c| if let Cell::Integer(v) = c { Some(v) } else { None }).collect::<Int64Array>()),
    }
}

/// A landed column back as cells.
fn cells(array: &ArrayRef) -> Vec<Cell> {
    let cell = |i: usize| match array.data_type() {
        DataType::Binary => array.as_binary::<i32>().value(i).try_into().map_or(Cell::Null, |b| Cell::Unit(Pseudonym(b))),
        DataType::Int16 => Cell::Code(array.as_primitive::<Int16Type>().value(i)),
        DataType::Date32 => Cell::Date(array.as_primitive::<Date32Type>().value(i)),
        DataType::Boolean => Cell::Boolean(array.as_boolean().value(i)),
        DataType::Int32 => Cell::Integer(i64::from(array.as_primitive::<Int32Type>().value(i))),
        DataType::Int64 => Cell::Integer(array.as_primitive::<Int64Type>().value(i)),
        _ => Cell::Null,
    };
    (0..array.len()).map(|i| if array.is_null(i) { Cell::Null } else { cell(i) }).collect()
}

fn unit(cell: &Cell) -> Option<Pseudonym> {
    if let Cell::Unit(unit) = cell { Some(*unit) } else { None }
}

fn project(table: &TableSchema, key: &[Cell]) -> Option<i16> {
    let at = table.primary_key.iter().position(|k| k == "project")?;
    if let Some(Cell::Code(project)) = key.get(at) { Some(*project) } else { None }
}

fn number(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}
