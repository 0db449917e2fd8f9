//! Calendar days, as far as a list of participants needs them.

use std::fmt;
use std::ops::{Add, Sub};

/// A day of the Gregorian calendar: days since 1 January 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Day(i32);

impl Day {
    /// The day of this year, month (1-12) and day of the month.
    pub(super) fn new(year: i32, month: i32, day: i32) -> Self {
        // A year that begins in March ends with its leap day, which makes the months regular.
        let year = if month <= 2 { year - 1 } else { year };
        let since_march = (month + 9) % 12;
        let day_of_year = (153 * since_march + 2) / 5 + day - 1;
        Self(year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468)
    }

    /// Reads YYYY-MM-DD.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-').map(|part| part.parse().ok());
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        let parsed = Self::new(year, month, day);
        (parsed.to_string() == text).then_some(parsed)
    }

    /// Year, month and day of the month.
    pub(super) fn civil(self) -> (i32, i32, i32) {
        let days = self.0 + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let since_march = (5 * of_year + 2) / 153;
        let month = if since_march < 10 { since_march + 3 } else { since_march - 9 };
        let year = era * 400 + year_of_era + i32::from(month <= 2);
        (year, month, of_year - (153 * since_march + 2) / 5 + 1)
    }
}

impl Add<i32> for Day {
    type Output = Self;

    fn add(self, days: i32) -> Self {
        Self(self.0 + days)
    }
}

impl Sub for Day {
    type Output = i32;

    fn sub(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}
