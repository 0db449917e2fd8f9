//! Calendar dates as deliveries write them: 2021-02-01, 20210201, 210201, or the day number of a spreadsheet. What can be
//! read in two ways is set aside rather than guessed.

use chrono::{Datelike as _, NaiveDate};

use super::eight::Day;
use super::finding::Rule;

/// Reads `YYYY-MM-DD`.
pub fn iso(text: &str) -> Option<NaiveDate> {
    match text.as_bytes() {
        [a, b, c, d, b'-', e, f, b'-', g, h] => date(number(&[*a, *b, *c, *d])?, number(&[*e, *f])?, number(&[*g, *h])?),
        _ => None,
    }
}

/// Reads a delivered date, within the years 1900 to 2199, as days since 1970-01-01. Two digits of a year mean the latest
/// century that is not more than twenty years after `this_year`.
///
/// # Errors
/// [`Rule::Date`], or [`Rule::DateAmbiguous`] where day and month cannot be told apart.
pub fn delivered(text: &str, this_year: i32) -> Result<i32, Rule> {
    if let Some(day) = Day::iso(text.as_bytes()) {
        return Ok(day.days()); // as nearly all cells are
    }
    let bytes = text.strip_suffix(" 00:00:00").or_else(|| text.strip_suffix(" 00:00")).unwrap_or(text).as_bytes();
    let read = match bytes {
        [a, b, c, d, b'-', e, f, b'-', g, h] | [a, b, c, d, e, f, g, h] => {
            let (year, month, day) = (number(&[*a, *b, *c, *d]), number(&[*e, *f]), number(&[*g, *h]));
            year.zip(month).zip(day).and_then(|((year, month), day)| date(year, month, day))
        }
        [a, b, c, d, e, f] => {
            let (year, month, day) = (number(&[*a, *b]), number(&[*c, *d]), number(&[*e, *f]));
            let century = |year: u32| {
                let recent = 2_000 + i32::try_from(year).unwrap_or_default() <= this_year + 20;
                year + if recent { 2_000 } else { 1_900 }
            };
            year.zip(month).zip(day).and_then(|((year, month), day)| date(century(year), month, day))
        }
        // The day number of a spreadsheet, of the years 1950 to 2100: 2021-02-01 is 44228.
        [_, _, _, _, _] => {
            let serial = number(bytes).filter(|n| (18_264..=73_415).contains(n)).and_then(|n| i32::try_from(n).ok());
            serial.and_then(|n| NaiveDate::from_num_days_from_ce_opt(n + 693_594))
        }
        _ => None,
    };
    let read = read.filter(|date| (1900..2200).contains(&date.year()));
    read.map(days).ok_or_else(|| if is_ambiguous(bytes) { Rule::DateAmbiguous } else { Rule::Date })
}

/// Two or three numbers with signs between them, none of which is a year of four digits at the start: `1/2-21`, `3.4.2021`.
fn is_ambiguous(text: &[u8]) -> bool {
    let parts: Vec<&[u8]> = text.split(|b| matches!(b, b'/' | b'-' | b'.' | b' ')).collect();
    let numbers = parts.iter().all(|part| (1..=4).contains(&part.len()) && part.iter().all(u8::is_ascii_digit));
    numbers && (2..=3).contains(&parts.len()) && parts.first().is_some_and(|first| first.len() <= 2)
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |n, d| d.is_ascii_digit().then(|| n * 10 + u32::from(d - b'0')))
}

fn date(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// Days since 1970-01-01, as Arrow stores dates.
pub fn days(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - 719_163
}

/// The day that is so many days after 1970-01-01.
pub fn day(days: i32) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(days.checked_add(719_163)?)
}

/// Completed years from `birth` to a day counted from 1970-01-01; `None` before birth.
pub fn age(birth: NaiveDate, at: i32) -> Option<i64> {
    day(at)?.years_since(birth).map(i64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_or_refused_but_never_guessed() {
        let read = |text: &str| delivered(text, 2026);
        assert_eq!(read("2021-02-01"), Ok(18_659));
        for same in ["20210201", "210201", "44228", "2021-02-01 00:00:00"] {
            assert_eq!(read(same), Ok(18_659), "{same}");
        }
        assert_eq!(read("990131"), read("1999-01-31"));
        for wrong in ["1/2-21", "1/2 2021", "3.4.2021", "01-02-2021", "1/2"] {
            assert_eq!(read(wrong), Err(Rule::DateAmbiguous), "{wrong}");
        }
        for wrong in
            ["2021-2-1", "2021-02-30", "2021-02-01 13:00", "20210199", "211301", "", "åååå-åå-åå", "0021-02-01", "99999", "4422"]
        {
            assert_eq!(read(wrong), Err(Rule::Date), "{wrong}");
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
