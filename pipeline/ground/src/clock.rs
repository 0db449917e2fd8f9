//! The time, by the world's clock: the only place that asks for it.

use chrono::{DateTime, NaiveDate};

/// Seconds since 1970.
pub fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Milliseconds since 1970, as logs of tables have them.
pub fn now_millis() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The day, in Greenwich.
pub fn today() -> NaiveDate {
    date(now())
}

/// The day of so many seconds since 1970; the last one of the calendar for what is beyond it.
pub fn date(seconds: u64) -> NaiveDate {
    let time = i64::try_from(seconds).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    time.map_or(NaiveDate::MAX, |time| time.date_naive())
}
