//! Which releases measure the same rows, each with noise of its own: then one fact is two numbers. Looks at checked queries only; what
//! it finds is told, and nothing rests on it.

use super::planning::Counted;
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
    let tables = |release| {
        let table = move |table| (TableOf { release, table }, Counted::of(table));
        CheckedRelease::measured_tables(release).map(table)
    };
    let all: Vec<(TableOf<'_>, Counted)> = releases.iter().flat_map(tables).collect();
    // By the first pair of each two releases and rows.
    let mut groups: Vec<(&Counted, Vec<[TableOf<'_>; 2]>)> = Vec::new();
    for (at, (one, counted)) in all.iter().enumerate() {
        let others = all.iter().skip(at + 1).filter(|(other, _)| other.name() != one.name());
        for (other, _) in others.filter(|(_, of)| of.has_rows_of(counted)) {
            let of = |[first, second]: &[TableOf<'_>; 2]| (first.name(), second.name()) == (one.name(), other.name());
            let known = |(rows, pairs): &&mut (&Counted, Vec<_>)| pairs.first().is_some_and(of) && rows.has_rows_of(counted);
            match groups.iter_mut().find(known) {
                Some((_, pairs)) => pairs.push([*one, *other]),
                None => groups.push((counted, vec![[*one, *other]])),
            }
        }
    }
    let said = |[one, other]: &[TableOf<'_>; 2]| one.differs(*other) || other.differs(*one);
    let groups = groups.into_iter().map(|(_, pairs)| pairs).filter(|pairs| !pairs.iter().any(said));
    groups.filter_map(|pairs| pairs.into_iter().next()).collect()
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
