//! An interval: all that lies from one number to another, both ends included.

/// From the low end to the high one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval<T = f64> {
    /// The low end.
    pub low: T,
    /// The high end.
    pub high: T,
}

impl<T> Interval<T> {
    /// From `low` to `high`.
    pub const fn new(low: T, high: T) -> Self {
        Self { low, high }
    }

    /// Each end changed in the same way.
    pub fn map<U>(self, change: impl Fn(T) -> U) -> Interval<U> {
        Interval { low: change(self.low), high: change(self.high) }
    }
}

impl<T: PartialOrd> Interval<T> {
    /// Whether any number lies in both.
    pub fn meets(&self, other: &Self) -> bool {
        self.low <= other.high && other.low <= self.high
    }
}
