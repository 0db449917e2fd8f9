//! What `utfall plan` says of a table that stands on the numbers of another release: it costs nothing here, and is worth what it is there.

use super::{kind, margin};
use crate::catalogue::spec::QuotedTable;
use crate::cli::terminal::Terminal;
use crate::release::preview::preview;
use crate::release::{CheckedRelease, CheckedTable};
use utfall_privacy::Measurement;

/// Prints a line for each vector that the table has of the other release.
pub(super) fn told(checked: &CheckedRelease, table: &CheckedTable, of: &QuotedTable, tail: f64, terminal: Terminal) {
    let Some(quoted) = checked.quoted.get(&of.release) else { return };
    let (vectors, cells) = (table.vectors(), table.answer.certified.grid().cells.len());
    for expected in preview(quoted, tail).vectors.iter().filter(|expected| vectors.contains(&expected.name)) {
        let mechanism = quoted.measurements.iter().find(|m| m.table() == expected.name).map(Measurement::mechanism);
        let numbered = expected.name.strip_prefix(&of.table).unwrap_or_default();
        println!(
            "  {:<26} {cells:>6} {:>11}  {:>5}    {}",
            format!("{}{numbered}", table.query.name),
            margin(expected, mechanism, kind(quoted, &expected.name)),
            "–",
            terminal.say(
                format!("står på talen i {}; kostar inget", of.release),
                format!("stands on the numbers of {}; costs nothing", of.release)
            )
        );
    }
}
