//! The one number by which a release is told in a list: chosen by rules that do not look for a large or a small one, since the largest
//! of many noisy numbers is the one that noise raised most.

use serde::{Deserialize, Serialize};

use super::place::{Shown, both};
use crate::estimate::reliability::Grade;
use crate::publication::series;
use crate::{Cell, Publication, TOTAL, Table};
use utfall_ground::text::Text;

/// A number with what it is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Headline {
    /// The data set.
    pub set: String,
    /// What the number is of: the title of its table and the row.
    pub what: Text,
    /// How far it can be relied on.
    pub grade: Grade,
    /// The number.
    pub number: Shown,
}

/// A row of a table.
struct Row<'t> {
    table: &'t Table,
    cell: Cell<'t>,
    grade: Grade,
}

impl Headline {
    /// That of a publication, as people are shown it: what `chosen` names (`TABLE`, or `TABLE/CODE/CODE`), if it is there; else the first
    /// that was promised of a whole project, the first of everybody that says something, and the first of shares and means or of
    /// anything that can be read as it stands.
    pub(super) fn of(publication: &Publication, chosen: Option<&str>) -> Option<Self> {
        let rows: Vec<Row<'_>> = publication.tables.iter().flat_map(rows).collect();
        let named = || rows.iter().find(|row| chosen.is_some_and(|path| row.is(path)));
        let promised = || rows.iter().find(|row| row.table.values.len() == 1 && row.table.tracked().next().is_some());
        let whole = || rows.iter().rfind(|row| row.is_whole(first_whole(&rows)) && row.grade != Grade::Open);
        let graded = |is: fn(&Table) -> bool, grade| rows.iter().find(move |row| row.grade == grade && is(row.table));
        let ratio = |table: &Table| !table.is_total();
        let found = named()
            .or_else(promised)
            .or_else(whole)
            .or_else(|| graded(ratio, Grade::Firm))
            .or_else(|| graded(|_| true, Grade::Firm))
            .or_else(|| graded(|_| true, Grade::Rough))
            .or(rows.first())?;
        Some(found.headline())
    }
}

/// The first table that has a row of everybody.
fn first_whole<'t>(rows: &[Row<'t>]) -> Option<&'t Table> {
    rows.iter().find(|row| row.is_of_all() && row.grade != Grade::Open).map(|row| row.table)
}

/// The rows that have an interval.
fn rows(table: &Table) -> impl Iterator<Item = Row<'_>> {
    let told = table.cells().filter(|cell| cell.value.is_some() && cell.interval.is_some());
    told.filter_map(move |cell| Some(Row { table, cell, grade: cell.grade? }))
}

impl Row<'_> {
    /// Whether a path names it: its table, and its codes where it is not the first row.
    fn is(&self, path: &str) -> bool {
        let codes = self.table.description.codes(self.cell.codes).map(|code| code.code.as_str());
        let own: Vec<&str> = std::iter::once(self.table.name.as_str()).chain(codes).collect();
        path.split('/').eq(own.iter().copied()) || path == self.table.name
    }

    /// Whether it is of all that the table counts, in some period.
    fn is_of_all(&self) -> bool {
        let keys = self.table.description.keys.iter().zip(self.table.description.codes(self.cell.codes));
        keys.into_iter().all(|(key, code)| code.code == TOTAL || series::is_period(&key.name))
    }

    fn is_whole(&self, of: Option<&Table>) -> bool {
        self.is_of_all() && of.is_some_and(|table| std::ptr::eq(table, self.table))
    }

    fn headline(&self) -> Headline {
        let labels: Vec<_> = self.table.description.codes(self.cell.codes).filter(|code| code.code != TOTAL).collect();
        let what = both(|lang| {
            let of = labels.iter().map(|code| code.label.get(lang));
            // What is computed above a table is what its title names.
            let title = if self.table.description.above.is_some() { &self.table.description.title } else { &self.table.title };
            std::iter::once(title.get(lang)).chain(of).collect::<Vec<_>>().join(", ")
        });
        Headline {
            set: self.table.name.clone(),
            what,
            grade: self.grade,
            number: Shown::of(self.table, self.cell.value, self.cell.interval),
        }
    }
}
