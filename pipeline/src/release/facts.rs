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

/// Pairs of tables of different releases that count the same rows, one for each two releases and rows; none where one of them says that
/// its numbers are others.
pub fn measured_twice(releases: &[CheckedRelease]) -> Vec<[TableOf<'_>; 2]> {
    let tables = |release| CheckedRelease::measured_tables(release).map(move |table| TableOf { release, table });
    let all: Vec<TableOf<'_>> = releases.iter().flat_map(tables).collect();
    let mut groups: Vec<Vec<[TableOf<'_>; 2]>> = Vec::new();
    for (at, one) in all.iter().enumerate() {
        let others = all.iter().skip(at + 1).filter(|other| other.name() != one.name());
        for other in others.filter(|other| counts_the_same_rows(one.table, other.table)) {
            let of = |[first, second]: &[TableOf<'_>; 2]| {
                (first.name(), second.name()) == (one.name(), other.name()) && counts_the_same_rows(first.table, one.table)
            };
            match groups.iter_mut().find(|group| group.first().is_some_and(of)) {
                Some(group) => group.push([*one, *other]),
                None => groups.push(vec![[*one, *other]]),
            }
        }
    }
    let said = |[one, other]: &[TableOf<'_>; 2]| one.differs(*other) || other.differs(*one);
    groups.into_iter().filter(|group| !group.iter().any(said)).filter_map(|group| group.into_iter().next()).collect()
}

impl TableOf<'_> {
    fn name(&self) -> &str {
        &self.release.release.name
    }

    /// Whether it, or one that is measured with it, says that its numbers are others than those of another.
    fn differs(&self, other: Self) -> bool {
        let name = &self.table.query.name;
        let with =
            |table: &&CheckedTable| table.query.name == *name || table.measured_with.as_ref().is_some_and(|(_, of)| of == name);
        let says = self.release.own().filter(with).filter_map(|table| table.query.differs.as_ref());
        says.into_iter().any(|differs| differs.from.release == other.name() && differs.from.table == other.table.query.name)
    }
}
