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

impl Interval {
    /// The numbers of this interval that agree, if those that do are all that lie between two ends, and `best` is one of them.
    /// Where not even `best` agrees, that number alone.
    pub(crate) fn agreeing(self, best: f64, agrees: impl Fn(f64) -> bool) -> Self {
        let end = |outermost: f64| {
            if agrees(outermost) {
                return outermost;
            }
            let (mut inside, mut outside) = (best, outermost);
            // To a sixteen-millionth of the range: finer than anything that is published.
            for _ in 0..24 {
                let middle = f64::midpoint(inside, outside);
                if agrees(middle) { inside = middle } else { outside = middle }
            }
            inside
        };
        Self { low: end(self.low), high: end(self.high) }
    }
}

impl<T: PartialOrd> Interval<T> {
    /// Whether any number lies in both.
    pub fn meets(&self, other: &Self) -> bool {
        self.low <= other.high && other.low <= self.high
    }
}
