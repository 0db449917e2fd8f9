//! What values a column or an expression can have: known before any data is read, from schemas, constants and arithmetic.

use super::possible::Possible;
use crate::catalogue::schema::{Catalogue, Column, Kind};
use utfall_ground::text::Text;
use utfall_publish::description::Code;

/// A closed interval of integers, or of days since 1970-01-01. Wide enough that its arithmetic does not wrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ValueRange {
    /// The lowest value.
    pub low: i128,
    /// The highest value.
    pub high: i128,
}

/// What values an expression can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Domain {
    /// The privacy unit itself.
    Unit,
    /// The codes of a public list.
    Codes(String),
    /// These texts and no others.
    Labels(Vec<Code>),
    /// True or false.
    Boolean,
    /// Whole numbers of an interval.
    Integer(ValueRange),
    /// Days of an interval, counted from 1970-01-01.
    Date(ValueRange),
    /// Nothing is known: the value can be compared and counted, but it can be no key and no summand.
    Other,
}

/// Where a column's values come from, unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The table in the catalogue.
    pub table: String,
    /// The column in that table.
    pub column: String,
    /// Which public scan it belongs to; `None` for a private table.
    pub public: Option<usize>,
}

/// What is known about a column or an expression. Columns are followed by origin, not by name: a redefined column does not
/// keep what was known of the old one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Its possible values, beside NULL.
    pub domain: Domain,
    /// Whether it can be NULL.
    pub nullable: bool,
    /// Where it comes from, if it is a column that was passed on unchanged.
    pub origin: Option<Origin>,
    /// Those of its values that conditions leave or an expression gives, where they were tried one by one; all of the domain otherwise.
    pub possible: Option<Possible>,
}

impl ValueRange {
    /// One value.
    pub(super) fn point(value: i128) -> Self {
        Self { low: value, high: value }
    }

    /// All values from `low` to `high`.
    pub(super) fn new(low: i128, high: i128) -> Self {
        Self { low: low.min(high), high: high.max(low) }
    }

    /// The smallest interval that holds both.
    pub(super) fn hull(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    /// The values in both; where there are none, one end of the first, so that an interval is never empty.
    pub(super) fn meet(self, other: Self) -> Self {
        let (low, high) = (self.low.max(other.low), self.high.min(other.high));
        if low <= high { Self { low, high } } else { Self::point(self.low) }
    }

    /// The hull of `f` on the corners of two intervals: exact for sums, differences and products. `None` on overflow.
    pub(super) fn corners(self, other: Self, f: impl Fn(i128, i128) -> Option<i128>) -> Option<Self> {
        let corners = [f(self.low, other.low)?, f(self.low, other.high)?, f(self.high, other.low)?, f(self.high, other.high)?];
        Some(Self { low: corners.into_iter().min()?, high: corners.into_iter().max()? })
    }

    /// Whether every value fits in a signed integer of so many bits.
    pub(super) fn fits(self, bits: u32) -> bool {
        let Some(limit) = bits.checked_sub(1).and_then(|b| 1_i128.checked_shl(b)) else { return false };
        self.low >= limit.saturating_neg() && self.high < limit
    }

    /// How many values it has.
    pub(super) fn size(self) -> u128 {
        u128::try_from(self.high.saturating_sub(self.low)).unwrap_or(0).saturating_add(1)
    }

    /// The largest absolute value.
    pub(super) fn magnitude(self) -> u128 {
        self.low.unsigned_abs().max(self.high.unsigned_abs())
    }
}

/// The days on which anything can have landed: landing accepts the years 1900 to 2199 only.
pub(super) const DAYS: ValueRange = ValueRange { low: -25_567, high: 84_005 };

impl Domain {
    /// What a column of a schema can hold.
    pub(super) fn of_column(column: &Column) -> Self {
        match (column.kind, &column.codes) {
            (Kind::Identity, _) => Self::Unit,
            (Kind::String, Some(list)) => Self::Codes(list.clone()),
            (Kind::String, None) => Self::Other,
            (Kind::Boolean, _) => Self::Boolean,
            (Kind::Date, _) => Self::Date(DAYS),
            (Kind::Integer, _) => match (column.minimum, column.maximum) {
                (Some(low), Some(high)) => Self::Integer(ValueRange::new(low.into(), high.into())),
                _ => Self::Other,
            },
        }
    }

    /// The values of either.
    pub(super) fn or(self, other: Self, catalogue: &Catalogue) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (Self::Integer(a), Self::Integer(b)) => Self::Integer(a.hull(b)),
            (Self::Date(a), Self::Date(b)) => Self::Date(a.hull(b)),
            (a @ (Self::Codes(_) | Self::Labels(_)), b @ (Self::Codes(_) | Self::Labels(_))) => {
                let mut all = a.labels(catalogue);
                for code in b.labels(catalogue) {
                    if !all.iter().any(|known| known.code == code.code) {
                        all.push(code);
                    }
                }
                Self::Labels(all)
            }
            _ => Self::Other,
        }
    }

    /// The texts of a domain of texts.
    pub(super) fn labels(&self, catalogue: &Catalogue) -> Vec<Code> {
        match self {
            Self::Labels(codes) => codes.clone(),
            Self::Codes(list) => {
                let entries = catalogue.codes(list).map(|l| l.entries.as_slice()).unwrap_or_default();
                entries.iter().map(|e| Code { code: e.code.clone(), label: e.label.clone() }).collect()
            }
            Self::Unit | Self::Boolean | Self::Integer(_) | Self::Date(_) | Self::Other => Vec::new(),
        }
    }
}

impl Value {
    /// A value without an origin.
    pub(super) fn computed(domain: Domain, nullable: bool) -> Self {
        Self { domain, nullable, origin: None, possible: None }
    }

    /// The same where there may be none.
    pub(super) fn or_null(self) -> Self {
        Self { nullable: true, possible: self.possible.map(Possible::or_null), ..self }
    }

    /// The interval of a whole number.
    pub(super) fn interval(&self) -> Option<ValueRange> {
        match self.domain {
            Domain::Integer(interval) => Some(interval),
            Domain::Unit | Domain::Codes(_) | Domain::Labels(_) | Domain::Boolean | Domain::Date(_) | Domain::Other => None,
        }
    }
}

/// A text that is its own label.
pub(super) fn label(code: &str) -> Code {
    Code { code: code.to_owned(), label: Text { sv: code.to_owned(), en: code.to_owned() } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_hold_what_they_should() {
        let (a, b) = (ValueRange::new(-2, 3), ValueRange::new(4, 5));
        assert_eq!(a.corners(b, i128::checked_mul).unwrap(), ValueRange::new(-10, 15));
        assert_eq!(a.corners(b, i128::checked_sub).unwrap(), ValueRange::new(-7, -1));
        assert_eq!(
            (a.hull(b), a.meet(ValueRange::new(0, 9)), a.meet(b)),
            (ValueRange::new(-2, 5), ValueRange::new(0, 3), ValueRange::point(-2))
        );
        assert_eq!((a.size(), b.size(), a.magnitude()), (6, 2, 3));
        assert!(ValueRange::new(i64::MIN.into(), i64::MAX.into()).fits(64) && !ValueRange::point(1 << 63).fits(64));
        assert!(ValueRange::new(-128, 127).fits(8) && !ValueRange::point(128).fits(8) && !ValueRange::point(-129).fits(8));
        assert_eq!(ValueRange::new(i128::MAX, 0).corners(b, i128::checked_mul), None);
    }

    #[test]
    fn the_days_are_those_that_landing_accepts() {
        use crate::land::cell::dates::delivered;
        let day = |text: &str| i128::from(delivered(text, 2026).unwrap());
        assert_eq!((day("1900-01-01"), day("2199-12-31")), (DAYS.low, DAYS.high));
    }
}
