//! How a list is to be read: decided once, from its beginning and from what was said of it, and then given to whoever reads.
//! It is put together in [`super::list`]; no room after that one decides any of it again. Sees no row of anybody's.

use crate::land::accept::Accepted;
use crate::land::read::decode::Encoding;
use crate::land::understand::mapping::Mapping;

/// How a list is to be read.
#[derive(Debug, Clone)]
pub struct Reading<'a> {
    /// How its bytes become text.
    pub encoding: Encoding,
    /// Whether its text may hold what nobody sees, which is taken out before fields are.
    pub hides: bool,
    /// What separates its fields.
    pub separator: u8,
    /// The row of its headings, as a spreadsheet counts: the rows below it are somebody's.
    pub heading_row: u64,
    /// Which table it is, and which column is which.
    pub mapping: Mapping<'a>,
    /// The project of rows that have none in the list: the one that was said.
    pub project: Option<i16>,
}

/// The project of rows that have none in the list. A list with a project column is read by it; the option also fills its empty
/// cells.
pub(super) fn project(mapping: &Mapping<'_>, accepted: &Accepted) -> Option<i16> {
    let column = mapping.table.columns.get_index_of("project").and_then(|i| mapping.positions.get(i).copied().flatten());
    let only = accepted.projects.first().filter(|_| accepted.projects.len() == 1 && column.is_none());
    accepted.given.or(only.copied())
}
