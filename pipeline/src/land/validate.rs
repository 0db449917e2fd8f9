//! From text to typed values, row by row: what does not fit its schema sets the row aside.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::dates;
use super::delivery::Mapping;
use super::finding::{Finding, Rule, Severity};
use super::identity::{Identity, parse};
use super::pseudonymise::{Pseudonym, pseudonym};
use crate::key::Key;
use crate::schema::{Catalogue, Column, Kind, Role};

/// One typed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cell {
    /// No value.
    Null,
    /// The privacy unit.
    Unit(Pseudonym),
    /// A code's small integer.
    Code(i16),
    /// Days since 1970-01-01.
    Date(i32),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Boolean(bool),
}

/// One valid row: its number in the file and its values in the order of the schema.
#[derive(Debug, Clone)]
pub struct Row {
    /// The row as a spreadsheet counts it.
    pub number: u64,
    /// The values.
    pub cells: Vec<Cell>,
    /// Which of them the list does not have and were derived.
    pub derived: Vec<bool>,
}

/// What validation needs besides the file.
#[derive(Debug)]
pub struct Context<'a> {
    /// Schemas and code lists.
    pub catalogue: &'a Catalogue,
    /// The key.
    pub key: &'a Key,
    /// The pseudonymisation domain.
    pub domain: &'a str,
    /// First and last day of each project, by the project's code.
    pub periods: &'a HashMap<i16, (i32, i32)>,
    /// The project of files without a project column.
    pub project: Option<i16>,
    /// The day to which centuries are inferred.
    pub today: NaiveDate,
}

/// Validates one record.
///
/// # Errors
/// Everything for which the row is set aside.
pub fn row(
    number: u64,
    fields: &[String],
    mapping: &Mapping<'_>,
    width: usize,
    context: &Context<'_>,
) -> Result<(Row, Vec<Finding>), Vec<Finding>> {
    let set_aside = |column: Option<&str>, rule: Rule| {
        let severity = rule.severity();
        Finding::row(number, column, rule, severity)
    };
    if fields.len() != width {
        return Err(vec![set_aside(None, Rule::FieldCount)]);
    }
    let (mut cells, mut broken, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    let mut identity: Option<Identity> = None;
    for (i, (name, column)) in mapping.table.columns.iter().enumerate() {
        let heading = mapping.headings.get(i).and_then(Option::as_deref).unwrap_or(name);
        let text = mapping.positions.get(i).copied().flatten().and_then(|p| fields.get(p)).map_or("", |f| f.as_str());
        let parsed = if text.is_empty() { absent(name, column, context) } else { value(text, column, context, &mut identity) };
        match parsed {
            Ok(cell) => cells.push(cell),
            Err(rule) => {
                broken.push(set_aside(Some(heading), rule));
                cells.push(Cell::Null);
            }
        }
        if column.kind == Kind::Identity && identity.as_ref().is_some_and(|i| i.inferred) {
            warnings.push(Finding::row(number, Some(heading), Rule::CenturyInferred, Severity::Warning));
        }
    }
    let delivered = cells.clone();
    derive(mapping, &mut cells, identity.as_ref(), context);
    let derived = cells.iter().zip(&delivered).map(|(now, before)| now != before).collect();
    broken.extend(periods(mapping, &cells, context).into_iter().map(|(column, rule)| set_aside(Some(column), rule)));
    if broken.is_empty() { Ok((Row { number, cells, derived }, warnings)) } else { Err(broken) }
}

fn absent(name: &str, column: &Column, context: &Context<'_>) -> Result<Cell, Rule> {
    match context.project {
        Some(project) if name == "project" => Ok(Cell::Code(project)),
        _ if column.required => Err(Rule::Required),
        _ => Ok(Cell::Null),
    }
}

fn value(text: &str, column: &Column, context: &Context<'_>, identity: &mut Option<Identity>) -> Result<Cell, Rule> {
    match column.kind {
        Kind::Identity => {
            let parsed = parse(text, context.today)?;
            let unit = pseudonym(context.key, context.domain, &parsed);
            *identity = Some(parsed);
            Ok(Cell::Unit(unit))
        }
        Kind::String => {
            let list = context.catalogue.codes_of(column);
            let found = list.and_then(|l| l.find(text));
            found.map(|e| Cell::Code(e.id)).ok_or_else(|| Rule::Code(list.map(|l| l.name.clone()).unwrap_or_default()))
        }
        Kind::Date => dates::delivered(text).map(|d| Cell::Date(dates::days(d))).ok_or(Rule::Date),
        Kind::Integer => {
            let number: i64 = text.parse().map_err(|_| Rule::Integer)?;
            let (low, high) = (column.minimum.unwrap_or(i64::MIN), column.maximum.unwrap_or(i64::MAX));
            if (low..=high).contains(&number) { Ok(Cell::Integer(number)) } else { Err(Rule::Range(low, high)) }
        }
        Kind::Boolean => match text.to_lowercase().as_str() {
            "ja" | "j" | "yes" | "true" | "1" => Ok(Cell::Boolean(true)),
            "nej" | "n" | "no" | "false" | "0" => Ok(Cell::Boolean(false)),
            _ => Err(Rule::Boolean),
        },
    }
}

/// Fills what the list lacks from what it has: sex and age at start from the number, a band from its integer.
fn derive(mapping: &Mapping<'_>, cells: &mut [Cell], identity: Option<&Identity>, context: &Context<'_>) {
    let at = |name: &str| mapping.table.columns.get_index_of(name);
    let start = mapping.table.column_with(Role::Start).and_then(at).and_then(|i| cells.get(i).copied());
    for (i, (_, column)) in mapping.table.columns.iter().enumerate() {
        let Some(source) = column.derive.as_deref().filter(|_| cells.get(i) == Some(&Cell::Null)) else { continue };
        let list = context.catalogue.codes_of(column);
        let derived = match (source, column.kind, identity, start) {
            ("identity", Kind::String, Some(identity), _) => {
                let sex = if identity.male { "male" } else { "female" };
                list.and_then(|l| l.find(sex)).map(|e| Cell::Code(e.id))
            }
            ("identity", Kind::Integer, Some(identity), Some(Cell::Date(day))) => {
                let age = identity.birth.and_then(|birth| dates::age(birth, day));
                age.filter(|a| column.minimum.is_none_or(|m| *a >= m) && column.maximum.is_none_or(|m| *a <= m))
                    .map(Cell::Integer)
            }
            (other, Kind::String, ..) => match at(other).and_then(|o| cells.get(o)) {
                Some(Cell::Integer(n)) => list.and_then(|l| l.band(*n)).map(|e| Cell::Code(e.id)),
                _ => None,
            },
            _ => None,
        };
        if let (Some(cell), Some(slot)) = (derived, cells.get_mut(i)) {
            *slot = cell;
        }
    }
}

/// An end before its start, and participations outside their project's period.
fn periods<'m>(mapping: &'m Mapping<'_>, cells: &[Cell], context: &Context<'_>) -> Vec<(&'m str, Rule)> {
    let column = |role| mapping.table.column_with(role);
    let cell = |name: &str| mapping.table.columns.get_index_of(name).and_then(|i| cells.get(i).copied());
    let heading = |name: &'m str| {
        let index = mapping.table.columns.get_index_of(name);
        index.and_then(|i| mapping.headings.get(i)).and_then(Option::as_deref).unwrap_or(name)
    };
    let day = |role| column(role).and_then(|name| cell(name).map(|c| (name, c)));
    let mut broken = Vec::new();
    if let (Some((_, Cell::Date(start))), Some((name, Cell::Date(end)))) = (day(Role::Start), day(Role::End))
        && end < start
    {
        broken.push((heading(name), Rule::EndBeforeStart));
    }
    if mapping.table.parent.is_none()
        && let Some(Cell::Code(project)) = cell("project")
        && let Some((first, last)) = context.periods.get(&project)
    {
        for role in [Role::Start, Role::End] {
            if let Some((name, Cell::Date(day))) = day(role)
                && !(*first..=*last).contains(&day)
            {
                broken.push((heading(name), Rule::OutsideProject));
            }
        }
    }
    broken
}
