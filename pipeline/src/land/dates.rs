//! Calendar dates as deliveries write them: 2021-02-01 or 20210201. Anything else is set aside rather than guessed.

use chrono::{Datelike as _, NaiveDate};

/// Reads `YYYY-MM-DD`.
pub fn iso(text: &str) -> Option<NaiveDate> {
    let digits = |range: std::ops::Range<usize>| text.get(range).filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
    let well_formed = text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
    if !well_formed {
        return None;
    }
    date(year, month, day)
}

/// Reads `YYYY-MM-DD` or `YYYYMMDD`, within the years 1900 to 2199.
pub fn delivered(text: &str) -> Option<NaiveDate> {
    let compact = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    let date = if compact { date(text.get(0..4)?, text.get(4..6)?, text.get(6..8)?)? } else { iso(text)? };
    (1900..2200).contains(&date.year()).then_some(date)
}

fn date(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// Days since 1970-01-01, as Arrow stores dates.
pub fn days(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - 719_163
}

/// Completed years from `birth` to a day counted from 1970-01-01; `None` before birth.
pub fn age(birth: NaiveDate, day: i32) -> Option<i64> {
    let at = NaiveDate::from_num_days_from_ce_opt(day + 719_163)?;
    at.years_since(birth).map(i64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_or_refused_but_never_guessed() {
        assert_eq!(delivered("2021-02-01").map(days), Some(18_659));
        assert_eq!(delivered("20210201"), delivered("2021-02-01"));
        for wrong in [
            "1/2-21",
            "2021-2-1",
            "210201",
            "2021-02-30",
            "44228",
            "2021-02-01 00:00",
            "20210199",
            "",
            "åååå-åå-åå",
            "0021-02-01",
        ] {
            assert_eq!(delivered(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn age_is_counted_in_completed_years() {
        let birth = iso("2000-02-29").unwrap();
        assert_eq!(age(birth, days(iso("2016-02-28").unwrap())), Some(15));
        assert_eq!(age(birth, days(iso("2016-02-29").unwrap())), Some(16));
        assert_eq!(age(birth, days(iso("1999-01-01").unwrap())), None);
    }
}
