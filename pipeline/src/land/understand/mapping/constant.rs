//! Values that a mapping says once for all rows of a list: `start = "=2021-01-15"`. What is not of the list is checked when the
//! mapping is read, so that no row of anybody's is blamed for it.

use super::{Saved, column};
use crate::catalogue::schema::{Catalogue, Column, Kind, TableSchema, normalise};
use crate::land::cell::{dates, numbers};
use utfall_ground::text::{Lang, Message};

/// So many of a column's values are named where another was written.
const NAMED: usize = 12;

/// The value that a mapping says, if it is one and no column's name.
pub(super) fn value(said: &str) -> Option<&str> {
    said.strip_prefix('=').map(str::trim)
}

/// Per column of a table what stands in it in every row. The project is said as with `--project`.
pub(super) fn of(table: &TableSchema, saved: &Saved) -> Vec<String> {
    let mut constants = vec![String::new(); table.columns.len()];
    let project = table.columns.get_index_of("project");
    for (name, said) in &saved.columns {
        let at = column(table, name).filter(|at| Some(*at) != project);
        if let (Some(value), Some(slot)) = (value(said), at.and_then(|at| constants.get_mut(at))) {
            value.clone_into(slot);
        }
    }
    constants
}

impl Saved {
    /// The project that it says for all rows.
    pub fn project(&self, catalogue: &Catalogue) -> Option<i16> {
        let projects = catalogue.codes("project")?;
        let says = |name: &str| {
            let mut tables = catalogue.private_tables().into_iter();
            tables.any(|table| column(table, name).is_some_and(|at| table.columns.get_index_of("project") == Some(at)))
        };
        let said = self.columns.iter().filter(|(name, _)| says(name)).find_map(|(_, said)| value(said))?;
        projects.find(said).map(|project| project.id)
    }
}

/// Checks a value that a mapping says for a column.
///
/// # Errors
/// What is wrong and what to write: its author wrote it, so it may be quoted.
pub(super) fn check((name, value): (&str, &str), saved: &Saved, catalogue: &Catalogue) -> Result<(), Message> {
    let tables = catalogue.private_tables().into_iter().filter(|t| saved.table.as_ref().is_none_or(|name| t.name == *name));
    let mut columns = tables.filter_map(|table| table.columns.get_index(column(table, name)?)).peekable();
    if columns.peek().is_none() {
        return Err(Message::new(format!("ingen kolumn heter `{name}`"), format!("no column is called `{name}`")));
    }
    for (_, column) in columns {
        if let Some(wrong) = wrong(value, column, catalogue) {
            let said = |lang| format!("{name} = \"={value}\": {}", wrong.get(lang));
            return Err(Message::new(said(Lang::Sv), said(Lang::En)));
        }
    }
    Ok(())
}

/// What is wrong with a value, if something is.
fn wrong(value: &str, column: &Column, catalogue: &Catalogue) -> Option<Message> {
    let said = |sv: &str, en: &str| Some(Message::new(sv, en));
    match column.kind {
        Kind::Identity => said(
            "personnumret kan inte vara ett och samma för alla rader; listan måste ha kolumnen",
            "the identity number cannot be the same in all rows; the list must have the column",
        ),
        Kind::Date if utfall_ground::calendar::iso(value).is_some_and(|day| dates::delivered(&day.to_string(), 0).is_ok()) => {
            None
        }
        Kind::Date => said("inte ett datum; skriv \"=ÅÅÅÅ-MM-DD\"", "not a date; write \"=YYYY-MM-DD\""),
        Kind::Boolean if ["ja", "nej"].contains(&normalise(value).as_str()) => None,
        Kind::Boolean => said("skriv \"=ja\" eller \"=nej\"", "write \"=ja\" or \"=nej\""),
        Kind::Integer => {
            let (low, high) = (column.minimum.unwrap_or(i64::MIN), column.maximum.unwrap_or(i64::MAX));
            let fits = numbers::delivered(value, column.decimals).is_ok_and(|number| (low..=high).contains(&number));
            let steps = 10_i64.saturating_pow(column.decimals).max(1);
            let (low, high) = (low / steps, high / steps);
            (!fits).then(|| {
                Message::new(format!("skriv ett tal från {low} till {high}"), format!("write a number from {low} to {high}"))
            })
        }
        Kind::String => {
            let list = catalogue.codes_of(column)?;
            if list.find(value).is_some() {
                return None;
            }
            let mut some: Vec<&str> = list.entries.iter().take(NAMED).map(|entry| entry.code.as_str()).collect();
            some.extend((list.entries.len() > NAMED).then_some("…"));
            let some = some.join(", ");
            Some(Message::new(
                format!("inget av kolumnens tillåtna värden; skriv ett av dem ({some})"),
                format!("not one of the column's allowed values; write one of them ({some})"),
            ))
        }
    }
}
