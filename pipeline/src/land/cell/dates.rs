//! Calendar dates as deliveries write them: 2021-02-01, 2021/2/1, 20210201, 210201, 1 februari 2021, the day number of a
//! spreadsheet, each perhaps with a time of midnight. What can be read in two ways is set aside rather than guessed, and a
//! time of day is not thrown away without a word.

use std::borrow::Cow;

use chrono::{Datelike as _, NaiveDate};

use crate::land::accept::month::Month;
use crate::land::finding::ValidationRule;
use utfall_ground::calendar::{Day, date, number};
use utfall_ground::digits::CivilDate;
use utfall_ground::visible::hyphened;

/// The first day of 2099: from then on an end stands for none.
const FAR: i32 = 47_117;

/// Whether a day is so far ahead that, as an end, it stands for none.
#[inline]
pub fn is_far(days: i32) -> bool {
    days >= FAR
}

/// Reads a delivered date, within the years 1900 to 2199, as days since 1970-01-01. Two digits of a year mean the latest
/// century that is not more than twenty years after `this_year`.
///
/// # Errors
/// [`ValidationRule::DateAmbiguous`] where day and month cannot be told apart, [`ValidationRule::DateTime`], [`ValidationRule::DateWithoutDay`],
/// [`ValidationRule::DateZero`] or [`ValidationRule::DateFar`] for what they say, else [`ValidationRule::Date`].
pub fn delivered(text: &str, this_year: i32) -> Result<i32, ValidationRule> {
    if let Some(day) = CivilDate::iso(text.as_bytes()) {
        return Ok(day.days()); // as nearly all cells are
    }
    if text.is_empty() || text.len() > 60 {
        return Err(ValidationRule::Date);
    }
    let text = hyphened(text);
    let (text, time) = parted(&text);
    let text = text.trim_end_matches(['.', ',']);
    if text.is_empty() && time == Time::Midnight {
        return Err(ValidationRule::DateZero); // a spreadsheet's day 0, shown as a time
    }
    let date = read(text, this_year)?;
    match (date.year(), time) {
        (2200.., _) => Err(ValidationRule::DateFar),
        (..1900, _) => Err(if is_zero(date) { ValidationRule::DateZero } else { ValidationRule::Date }),
        (_, Time::OfDay) => Err(ValidationRule::DateTime),
        _ => Ok(Day::of(date).0),
    }
}

/// The first days of calendars: what databases and spreadsheets have where there is no date.
fn is_zero(date: NaiveDate) -> bool {
    date.year() == 1 || (date.year() == 1899 && date.month() == 12 && date.day() >= 30)
}

/// A date without a time, of any year.
fn read(text: &str, this_year: i32) -> Result<NaiveDate, ValidationRule> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let whole = match text.split_once(['.', ',']) {
        // A number of a spreadsheet with the decimals that it does not have.
        Some((whole, zeros)) if digits(whole) && whole.len() >= 5 && digits(zeros) => {
            let fraction = zeros.bytes().any(|b| b != b'0');
            return compact(whole, this_year).and_then(|date| if fraction { Err(ValidationRule::DateTime) } else { Ok(date) });
        }
        _ => grouped(text),
    };
    if digits(&whole) {
        return compact(&whole, this_year);
    }
    let parts = ['-', '/', '.', ' '].iter().find_map(|sign| {
        let parts: Vec<&str> = text.split(*sign).map(str::trim).collect();
        ((2..=3).contains(&parts.len()) && parts.iter().all(|part| digits(part) && part.len() <= 4)).then_some(parts)
    });
    match parts.as_deref() {
        Some([year, month, day]) if year.len() == 4 && month.len() <= 2 && day.len() <= 2 => {
            calendar(number(year.as_bytes()), number(month.as_bytes()), number(day.as_bytes()))
        }
        Some([year, month]) if year.len() == 4 && month.len() <= 2 => Err(ValidationRule::DateWithoutDay),
        _ if is_ambiguous(text.as_bytes()) => Err(ValidationRule::DateAmbiguous),
        Some(_) => Err(ValidationRule::Date),
        None => named(text),
    }
}

/// Digits without a sign: `20210201`, `210201`, or the day number of a spreadsheet, of the years 1950 to 2100: 2021-02-01 is
/// 44228.
fn compact(digits: &str, this_year: i32) -> Result<NaiveDate, ValidationRule> {
    match digits.as_bytes() {
        [year @ .., e, f, g, h] if year.len() == 4 => calendar(number(year), number(&[*e, *f]), number(&[*g, *h])),
        [a, b, c, d, e, f] => {
            let century = |year: u32| {
                let recent = 2_000 + i32::try_from(year).unwrap_or_default() <= this_year + 20;
                year + if recent { 2_000 } else { 1_900 }
            };
            calendar(number(&[*a, *b]).map(century), number(&[*c, *d]), number(&[*e, *f]))
        }
        serial @ [_, _, _, _, _] => {
            let serial = number(serial).filter(|n| (18_264..=73_415).contains(n)).and_then(|n| i32::try_from(n).ok());
            serial.and_then(|n| Day::of_serial(n).date()).ok_or(ValidationRule::Date)
        }
        [b'0'] => Err(ValidationRule::DateZero),
        _ => Err(ValidationRule::Date),
    }
}

/// A day of the calendar.
fn calendar(year: Option<u32>, month: Option<u32>, day: Option<u32>) -> Result<NaiveDate, ValidationRule> {
    match (year, month, day) {
        (Some(_), Some(_), Some(0)) | (Some(_), Some(0), Some(_)) => Err(ValidationRule::DateZero),
        (Some(year), Some(month), Some(day)) => date(year, month, day).ok_or(ValidationRule::Date),
        _ => Err(ValidationRule::Date),
    }
}

/// A day number with a space between its thousands.
fn grouped(text: &str) -> Cow<'_, str> {
    match text.split_once(' ') {
        Some((thousands, rest)) if thousands.len() == 2 && rest.len() == 3 => Cow::Owned([thousands, rest].concat()),
        _ => Cow::Borrowed(text),
    }
}

/// A date with the name of its month: `1 februari 2021`, `den 1:a feb. 2021`, `February 1, 2021`, `01-Feb-2021`.
fn named(text: &str) -> Result<NaiveDate, ValidationRule> {
    let lower = text.to_lowercase();
    let parts = lower.split(|c: char| !c.is_alphanumeric()).filter(|part| !["", "den", "a", "e"].contains(part));
    let parts: Vec<&str> = parts.collect();
    let numeric = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let month = |name: &str, year: &str| Month::of(year, name).filter(|_| year.len() == 4).map(Month::of_year);
    let (day, name, year) = match *parts {
        [day, name, year] if numeric(day) && !numeric(name) => (day, name, year),
        [name, day, year] if !numeric(name) && numeric(day) => (day, name, year),
        // Which of two numbers is the year is not said in `1 feb 21`, nor which day in `februari 2021`.
        [name, year] | [year, name] if month(name, year).is_some() => return Err(ValidationRule::DateWithoutDay),
        _ => return Err(ValidationRule::Date),
    };
    match month(name, year) {
        Some(month) if day.len() <= 2 => calendar(number(year.as_bytes()), Some(month), number(day.as_bytes())),
        None if year.len() <= 2 && numeric(year) && Month::of("2021", name).is_some() => Err(ValidationRule::DateAmbiguous),
        _ => Err(ValidationRule::Date),
    }
}

/// What time of day is behind a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Time {
    Midnight,
    OfDay,
}

/// A date and the time behind it, of which midnight stands for none: `T00:00:00Z`, ` 0:00`, ` 00:00:00.000`, `12:00 AM`.
fn parted(text: &str) -> (&str, Time) {
    // A text that is nothing but a time has colons: `03.04.21` may be a day.
    let whole = text.contains(':').then_some((0, 0));
    let places = whole.into_iter().chain(text.match_indices([' ', 'T', 't']).map(|(at, sign)| (at, at + sign.len())));
    let mut read = places.filter_map(|(end, start)| Some((text.get(..end)?.trim_end(), time(text.get(start..)?)?)));
    read.next().unwrap_or((text, Time::Midnight))
}

/// A time of day, if a text is nothing else.
fn time(text: &str) -> Option<Time> {
    let lower = text.trim().to_ascii_lowercase();
    let bare = lower.strip_prefix("kl").map_or(lower.as_str(), |rest| rest.trim_start_matches(['.', ' ']));
    let halves = [("am", 12), ("pm", 0)];
    let half = halves.iter().find_map(|(name, midnight)| Some((bare.strip_suffix(name)?.trim_end(), *midnight)));
    let (bare, midnight) = half.unwrap_or((zoneless(bare), 0));
    let afternoon = half.is_some_and(|(_, midnight)| midnight == 0);
    let (hour, rest) = bare.split_once([':', '.'])?;
    let parts: Vec<&str> = rest.split([':', '.', ',']).collect();
    let digits = |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let minutes = parts.iter().take(2).all(|part| part.len() == 2 && digits(part, 2));
    if !digits(hour, 2) || !minutes || parts.len() > 3 || !parts.iter().all(|part| digits(part, 9)) {
        return None;
    }
    let is_midnight = !afternoon
        && number(hour.as_bytes()).is_some_and(|hour| hour == midnight)
        && parts.iter().all(|part| part.bytes().all(|b| b == b'0'));
    Some(if is_midnight { Time::Midnight } else { Time::OfDay })
}

/// A time without its distance from Greenwich: `Z`, `+01:00`. The day that is meant is the one that is written.
fn zoneless(time: &str) -> &str {
    let time = time.strip_suffix("utc").or_else(|| time.strip_suffix('z')).unwrap_or(time).trim_end();
    let zone = |zone: &str| zone.len() <= 5 && zone.len() >= 2 && zone.bytes().all(|b| b.is_ascii_digit() || b == b':');
    match time.rsplit_once(['+', '-']) {
        Some((time, rest)) if zone(rest) => time.trim_end(),
        _ => time,
    }
}

/// Two or three numbers with signs between them, none of which is a year of four digits at the start: `1/2-21`, `3.4.2021`.
fn is_ambiguous(text: &[u8]) -> bool {
    let parts: Vec<&[u8]> = text.split(|b| matches!(b, b'/' | b'-' | b'.' | b' ')).collect();
    let numbers = parts.iter().all(|part| (1..=4).contains(&part.len()) && part.iter().all(u8::is_ascii_digit));
    numbers && (2..=3).contains(&parts.len()) && parts.first().is_some_and(|first| first.len() <= 2)
}

/// Completed years from `birth` to a day counted from 1970-01-01; `None` before birth.
pub fn age(birth: NaiveDate, at: i32) -> Option<i64> {
    Day(at).date()?.years_since(birth).map(i64::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use utfall_ground::calendar::iso;

    #[test]
    fn dates_are_read_or_refused_but_never_guessed() {
        let read = |text: &str| delivered(text, 2026);
        assert_eq!(read("2021-02-01"), Ok(18_659));
        for same in [
            "20210201",
            "210201",
            "44228",
            "44228.0",
            "44228,00",
            "44 228",
            "20210201.0",
            "2021/02/01",
            "2021.02.01",
            "2021 02 01",
            "2021-2-1",
            "2021/2/01",
            "2021 - 02 - 01",
            "2021\u{2013}02\u{2013}01",
            "2021\u{2212}02\u{2212}01",
            "2021-02-01.",
            "1 februari 2021",
            "1 FEB 2021",
            "den 1 februari 2021",
            "1:a feb. 2021",
            "01-Feb-2021",
            "February 1, 2021",
        ] {
            assert_eq!(read(same), Ok(18_659), "{same}");
            for midnight in [" 00:00:00", " 00:00", " 0:00", "T00:00:00", " 00:00:00.000", " 00:00:00,0000000"] {
                assert_eq!(read(&format!("{same}{midnight}")), Ok(18_659), "{same}{midnight}");
            }
        }
        for zone in
            ["T00:00:00Z", "T00:00:00+01:00", "T00:00:00.000+0200", " 12:00:00 AM", " kl. 00.00", "t00:00:00-05:00", " 00:00 UTC"]
        {
            assert_eq!(read(&format!("2021-02-01{zone}")), Ok(18_659), "{zone}");
        }
        assert_eq!(read("990131"), read("1999-01-31"));
        for (rule, cells) in [
            (
                ValidationRule::DateAmbiguous,
                "1/2-21|1/2 2021|3.4.2021|01-02-2021|1/2|12/31/2021|31/12/2021|21-02-01|1 feb 21|1-feb-21|1/2021-2|03.04.21",
            ),
            (
                ValidationRule::DateTime,
                "2021-02-01 13:00|2021-02-01T08:30:00Z|2021-01-31T23:00:00Z|2021-02-01 00:00:01|44228.5|2021/2/1 7:05",
            ),
            (ValidationRule::DateTime, "2021-02-01 12:00 PM|2021-02-01 1:00 AM|1 februari 2021 kl 13.15|2021-02-01 12:00:00"),
            (ValidationRule::DateWithoutDay, "februari 2021|2021-02|2021/2|feb 2021|2021 februari"),
            (
                ValidationRule::DateZero,
                "0000-00-00|1900-01-00|1899-12-30|00:00:00|0:00|0|0001-01-01|2021-00-01|0000-00-00 00:00:00",
            ),
            (ValidationRule::DateFar, "9999-12-31|2999-12-31|9999-12-31 00:00:00|99991231|2200-01-01"),
            (ValidationRule::Date, "2021-02-30|20210199|211301||åååå-åå-åå|0021-02-01|99999|4422|-|x|1 foo 2021|2021-1/2"),
            (ValidationRule::Date, "2021-02-29|13:37|2021-02-01 25|2021-02-01 imorgon|1850-01-01|februari|1 februari|2021 1/2"),
        ] {
            for cell in cells.split('|') {
                assert_eq!(read(cell), Err(rule.clone()), "{cell}");
            }
        }
        assert_eq!([read("2098-12-31").map(is_far), read("2099-01-01").map(is_far)], [Ok(false), Ok(true)]);
    }

    #[test]
    fn age_is_counted_in_completed_years() {
        let birth = iso("2000-02-29").unwrap();
        assert_eq!(age(birth, Day::of(iso("2016-02-28").unwrap()).0), Some(15));
        assert_eq!(age(birth, Day::of(iso("2016-02-29").unwrap()).0), Some(16));
        assert_eq!(age(birth, Day::of(iso("1999-01-01").unwrap()).0), None);
    }
}
