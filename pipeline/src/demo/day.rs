//! Calendar days, as far as a list of participants needs them.

use chrono::NaiveDate;
use utfall_ground::calendar::iso;

pub(super) use utfall_ground::calendar::Day;

/// The day of this year, month (1-12) and day of the month.
pub(super) fn day(year: i32, month: i32, day: i32) -> Day {
    let part = |number: i32| u32::try_from(number).unwrap_or_default();
    NaiveDate::from_ymd_opt(year, part(month), part(day)).map(Day::of).expect("the demonstration names days that there are")
}

/// Reads YYYY-MM-DD.
pub(super) fn parse(text: &str) -> Option<Day> {
    iso(text).map(Day::of)
}
