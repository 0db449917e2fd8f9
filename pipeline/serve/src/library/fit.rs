//! Whether a data set that was read is one that a cube can be made of: a file that somebody has changed must not stop the server.

use std::collections::HashSet;

use super::table::Table;
use utfall_publish::dataset::{DataSet, Role, Values};

/// The most combinations of codes of a table; beyond that its answers would take the memory of all others.
const MOST: usize = 20_000_000;

/// Checks it.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check(set: &DataSet) -> Result<(), String> {
    if !is_name(&set.name) {
        return Err("its name has other characters than letters of English, digits, `_` and `-`".to_owned());
    }
    let rows = set.rows();
    let mut combinations: usize = 1;
    for column in &set.columns {
        let name = &column.name;
        if column.values.len() != rows {
            return Err(format!("the column {name:?} has {} rows, the first one {rows}", column.values.len()));
        }
        if let Values::Codes { codes, cells } = &column.values {
            if cells.iter().flatten().any(|cell| *cell >= codes.len()) {
                return Err(format!("the column {name:?} has a code that its list has not"));
            }
            let mut seen = HashSet::new();
            if !codes.iter().all(|code| seen.insert(&code.code)) {
                return Err(format!("the list of {name:?} has a code twice"));
            }
        }
        if matches!(column.role, Role::Key | Role::Period) {
            // Texts without a list are as many as there are rows, at most.
            let size = if let Values::Codes { codes, .. } = &column.values { codes.len() + 1 } else { rows.max(1) };
            combinations = combinations.saturating_mul(size);
        }
    }
    if rows == 0 {
        return Err("it has no rows, so there is nothing to choose from".to_owned());
    }
    if combinations > MOST { Err(format!("it has {combinations} combinations of codes, more than {MOST}")) } else { Ok(()) }
}

/// Whether a text can stand in an address and in the name of a file as it is.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

/// A table, if there is a number to choose.
///
/// # Errors
/// That there is none.
pub(super) fn with_numbers(table: Table) -> Result<Table, String> {
    if table.cells() == 0 { Err("it has no numbers".to_owned()) } else { Ok(table) }
}
