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
    /// Adds another one.
    pub fn and(&mut self, other: Self) {
        self.new += other.new;
        self.changed += other.changed;
        self.unchanged += other.unchanged;
        self.withdrawn += other.withdrawn;
    }

    /// Whether what counts is other than before.
    pub fn counts(self) -> bool {
        self.new + self.changed + self.withdrawn > 0
    }
}
