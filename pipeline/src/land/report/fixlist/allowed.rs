//! The values that a column may have, where a finding speaks of them.

use super::Line;
use crate::catalogue::schema::{Catalogue, CodeList};
use crate::land::finding::ValidationRule;
use crate::land::report::{FileReport, Inferred};
use crate::land::understand::mapping;

/// The values of one column.
pub(super) struct Values<'a> {
    /// Its heading as the list has it.
    pub(super) column: &'a str,
    /// Its code list; without one it says yes or no.
    list: Option<&'a CodeList>,
}

impl<'a> Values<'a> {
    /// Each value: its code, and what it is called in Swedish and in English.
    pub(super) fn values<T>(&self, value: impl Fn(&'a str, &'a str, &'a str) -> T) -> Vec<T> {
        match self.list {
            Some(list) => list.entries.iter().map(|e| value(&e.code, &e.label.sv, &e.label.en)).collect(),
            None => vec![value("true", "ja", "yes"), value("false", "nej", "no")],
        }
    }
}

/// The values of each column of which a line says that a cell is none of them, or that another is preferred.
pub(super) fn values<'a>(lines: &[Line<'a>], report: &'a FileReport, catalogue: &'a Catalogue) -> Vec<Values<'a>> {
    let mut known: Vec<Values<'a>> = Vec::new();
    for line in lines {
        let Some(column) = line.column.filter(|column| known.iter().all(|one| one.column != *column)) else { continue };
        let list = match line.rule {
            ValidationRule::Boolean => None,
            ValidationRule::Code(list) | ValidationRule::NearCode { list, .. } => match catalogue.codes(list) {
                Some(list) => Some(list),
                None => continue,
            },
            ValidationRule::FormerCode | ValidationRule::Wording => match of_column(column, report, catalogue) {
                Some(list) => Some(list),
                None => continue,
            },
            _ => continue,
        };
        known.push(Values { column, list });
    }
    known
}

/// The code list of the column that a heading was read as.
fn of_column<'a>(heading: &str, report: &FileReport, catalogue: &'a Catalogue) -> Option<&'a CodeList> {
    let table = catalogue.table(report.table.as_deref()?)?;
    let read = report.inferred.iter().find_map(|one| match one {
        Inferred::Column { heading: other, column } if other == heading => table.columns.get(column),
        _ => None,
    });
    let column = read.or_else(|| table.columns.get_index(mapping::column(table, heading)?).map(|(_, column)| column));
    catalogue.codes_of(column?)
}
