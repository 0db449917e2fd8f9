//! How much of one person a release may hold: what its author declares, and the period that is being published.

use std::collections::BTreeMap;

use super::schema::{BEGAN, Catalogue, ENDED, Role};
use utfall_ground::calendar::Days;

/// The declared contribution bounds of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// Participations per person, over everything the release ever publishes.
    pub participations: u64,
    /// Rows per participation, for each child table that the release reads.
    pub rows: BTreeMap<String, u64>,
    /// One period of the series that the release is, if it is one.
    pub period: Option<Slice>,
}

/// One period: the rows whose participation has this day, as it was first known, between two days.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slice {
    column: &'static str,
    days: Days,
}

impl Slice {
    /// The period by which the table of participations is told apart: by its first or its last day. `None` if the column is
    /// neither, or if there are several tables whose rows are numbered on their own.
    pub fn of(catalogue: &Catalogue, column: &str, days: Days) -> Option<Self> {
        let roots: Vec<_> = catalogue.private_tables().into_iter().filter(|table| table.parent.is_none()).collect();
        let [root] = roots.as_slice() else { return None };
        let column = match root.columns.get(column)?.role? {
            Role::Start => BEGAN,
            Role::End => ENDED,
            Role::Unit => return None,
        };
        Some(Self { column, days })
    }

    /// Another period of the same series.
    #[must_use]
    pub fn at(&self, days: Days) -> Self {
        Self { days, ..*self }
    }

    /// The stored column of the day.
    pub fn column(&self) -> &'static str {
        self.column
    }

    /// The days of the period.
    pub fn days(&self) -> Days {
        self.days
    }
}
