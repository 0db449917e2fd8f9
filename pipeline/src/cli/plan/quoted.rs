//! What `utfall plan` says of a table that stands on the numbers of another release: it costs nothing here, and is worth what it is there.

use super::table::margin;
use crate::catalogue::spec::QuotedTable;
use crate::cli::terminal::{Terminal, tell};
use crate::release::preview::preview;
use crate::release::{CheckedRelease, CheckedTable};
use utfall_privacy::{Measurement, Mechanism};

/// Prints a line for each vector that the table has of the other release.
pub(super) fn told(checked: &CheckedRelease, table: &CheckedTable, of: &QuotedTable, tail: f64, terminal: Terminal) {
    let Some(quoted) = checked.quoted.get(&of.release) else { return };
    let (vectors, cells) = (table.vectors(), table.answer.certified.grid().cells.len());
    for expected in preview(quoted, tail).vectors.iter().filter(|expected| vectors.contains(&expected.name)) {
        let mechanism = quoted.measurements.iter().find(|m| m.table() == expected.name).map(Measurement::mechanism);
        let numbered = expected.name.strip_prefix(&of.table).unwrap_or_default();
        let is_number = has_margin(table) && !matches!(mechanism, Some(Mechanism::Exponential { .. }));
        tell!(
            terminal,
            "  {:<26} {cells:>6} {:>11} {:>9}  {:>5}    {}",
            format!("{}{numbered}", table.query.name),
            if is_number { margin(expected, terminal) } else { "–".to_owned() },
            "–",
            "–",
            terminal.say(
                format!("står på talen i {}; kostar inget", of.release),
                format!("stands on the numbers of {}; costs nothing", of.release)
            )
        );
    }
}

/// Whether the numbers of a table can be off by the same in every cell: those of means and shares depend on the people.
fn has_margin(table: &CheckedTable) -> bool {
    use crate::certify::Estimator;
    let estimators = &table.answer.certified.accepted().crossing.estimators;
    estimators.iter().all(|named| matches!(named.estimator, Estimator::Count(_) | Estimator::Sum(_) | Estimator::Constant { .. }))
}
