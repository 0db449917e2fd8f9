//! What a list changed, in numbers.

/// How many rows the list changed, as its sender is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows that were not there.
    pub new: usize,
    /// Rows with other values than before.
    pub changed: usize,
    /// Rows as before.
    pub unchanged: usize,
    /// Rows that the month no longer reports.
    pub withdrawn: usize,
}

impl Tally {
    /// One row that was not there.
    pub const NEW: Self = Self { new: 1, changed: 0, unchanged: 0, withdrawn: 0 };
    /// One row with other values.
    pub const CHANGED: Self = Self { new: 0, changed: 1, unchanged: 0, withdrawn: 0 };
    /// One row as before.
    pub const UNCHANGED: Self = Self { new: 0, changed: 0, unchanged: 1, withdrawn: 0 };
    /// One row that is no longer reported.
    pub const WITHDRAWN: Self = Self { new: 0, changed: 0, unchanged: 0, withdrawn: 1 };

    /// Adds another one.
    pub fn and(&mut self, other: Self) {
        self.new = self.new.saturating_add(other.new);
        self.changed = self.changed.saturating_add(other.changed);
        self.unchanged = self.unchanged.saturating_add(other.unchanged);
        self.withdrawn = self.withdrawn.saturating_add(other.withdrawn);
    }

    /// Whether what counts is other than before.
    pub fn counts(self) -> bool {
        self.new > 0 || self.changed > 0 || self.withdrawn > 0
    }
}

/// The counts of each list of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tallies(Vec<Tally>);

impl Tallies {
    /// Adds to the counts of a list.
    pub fn add(&mut self, list: usize, tally: Tally) {
        if self.0.len() <= list {
            self.0.resize(list.saturating_add(1), Tally::default());
        }
        self.0.get_mut(list).into_iter().for_each(|known| known.and(tally));
    }

    /// Adds those of others.
    pub fn and(&mut self, others: &Self) {
        others.0.iter().enumerate().for_each(|(list, tally)| self.add(list, *tally));
    }

    /// The counts of a list.
    pub fn of(&self, list: usize) -> Tally {
        self.0.get(list).copied().unwrap_or_default()
    }

    /// The counts of all lists together.
    pub fn all(&self) -> Tally {
        let mut all = Tally::default();
        self.0.iter().for_each(|tally| all.and(*tally));
        all
    }
}
