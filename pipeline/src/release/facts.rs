//! Which releases measure the same rows, each with noise of its own: then one fact is two numbers. Looks at checked queries only; what
//! it finds is told, and nothing rests on it.

use super::planning::counts_the_same_rows;
use super::{CheckedRelease, CheckedTable};

/// A table of a release.
#[derive(Debug, Clone, Copy)]
pub struct TableOf<'c> {
    /// The release.
    pub release: &'c CheckedRelease,
    /// The table.
    pub table: &'c CheckedTable,
}

/// Pairs of tables of different releases that count the same rows, where neither says that its numbers are others.
pub fn measured_twice(releases: &[CheckedRelease]) -> Vec<[TableOf<'_>; 2]> {
    let tables = |release| CheckedRelease::measured_tables(release).map(move |table| TableOf { release, table });
    let all: Vec<TableOf<'_>> = releases.iter().flat_map(tables).collect();
    let mut pairs = Vec::new();
    for (at, one) in all.iter().enumerate() {
        let others = all.iter().skip(at + 1).filter(|other| other.release.release.name != one.release.release.name);
        let same = others.filter(|other| counts_the_same_rows(one.table, other.table));
        pairs.extend(same.filter(|other| !differs(*one, **other) && !differs(**other, *one)).map(|other| [*one, *other]));
    }
    pairs
}

/// Whether a table, or one that is measured with it, says that its numbers are others than those of another.
fn differs(one: TableOf<'_>, other: TableOf<'_>) -> bool {
    let with = |table: &&CheckedTable| {
        let name = &one.table.query.name;
        table.query.name == *name || table.measured_with.as_ref().is_some_and(|(_, of)| of == name)
    };
    one.release
        .own()
        .filter(with)
        .filter_map(|table| table.query.differs.as_ref())
        .any(|differs| differs.from.release == other.release.release.name && differs.from.table == other.table.query.name)
}
