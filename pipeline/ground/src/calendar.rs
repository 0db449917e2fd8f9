//! The calendar: days as numbers; months, quarters and years, and when they are complete.

use std::fmt;
use std::ops::{Add, Sub};

use chrono::{Datelike as _, NaiveDate};
use serde::Deserialize;

use crate::text::{Lang, Message, Text};

/// The number of 1970-01-01 among the days of the common era.
const EPOCH: i32 = 719_163;

/// A day, as Arrow stores it: the number of days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Day(pub i32);

impl Day {
    /// The day of a date.
    pub fn of(date: NaiveDate) -> Self {
        Self(date.num_days_from_ce() - EPOCH)
    }

    /// The day of a spreadsheet's number, in which 25,569 is 1 January 1970.
    pub fn of_serial(number: i32) -> Self {
        Self(number.saturating_sub(25_569))
    }

    /// Its date; none beyond what the calendar has.
    pub fn date(self) -> Option<NaiveDate> {
        NaiveDate::from_num_days_from_ce_opt(self.0.checked_add(EPOCH)?)
    }
}

impl Add<i32> for Day {
    type Output = Self;

    fn add(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }
}

impl Sub for Day {
    type Output = i32;

    fn sub(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.date() {
            Some(date) => date.fmt(f),
            None => self.0.fmt(f),
        }
    }
}

/// The days from a first to a last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Days {
    /// The first day.
    pub first: Day,
    /// The last day.
    pub last: Day,
}

/// Reads `YYYY-MM-DD`.
pub fn iso(text: &str) -> Option<NaiveDate> {
    match text.as_bytes() {
        [a, b, c, d, b'-', e, f, b'-', g, h] => date(number(&[*a, *b, *c, *d])?, number(&[*e, *f])?, number(&[*g, *h])?),
        _ => None,
    }
}

/// The day of a year, a month and a day of it, all as numbers are written.
pub fn date(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// The number that some digits are; none where something else stands or it is too large.
pub fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |n, d| d.is_ascii_digit().then(|| n * 10 + u32::from(d - b'0')))
}

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Length {
    /// A calendar month: `2021-03`.
    Month,
    /// A calendar quarter: `2021-Q1`.
    Quarter,
    /// A calendar year: `2021`.
    Year,
}

/// One month, quarter or year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    length: Length,
    /// Its place among those of its length, from the year 0.
    index: i32,
}

impl Length {
    fn months(self) -> i32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        }
    }

    /// What such a period is called.
    pub fn name(self) -> Text {
        let (sv, en) = match self {
            Self::Month => ("månad", "month"),
            Self::Quarter => ("kvartal", "quarter"),
            Self::Year => ("år", "year"),
        };
        Text { sv: sv.to_owned(), en: en.to_owned() }
    }
}

impl Period {
    /// Reads `2021-03`, `2021-Q1` or `2021`: what [`Period`] writes, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, rest) = text.split_at_checked(4)?;
        let year: i32 = Some(year).filter(|y| y.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
        let (length, within) = match (rest.strip_prefix("-Q"), rest.strip_prefix('-')) {
            (Some(quarter), _) => (Length::Quarter, quarter.parse::<i32>().ok()? - 1),
            (None, Some(month)) => (Length::Month, month.parse::<i32>().ok()? - 1),
            (None, None) => (Length::Year, 0),
        };
        let each = 12 / length.months();
        let period = Self { length, index: year * each + within };
        ((0..each).contains(&within) && period.to_string() == text).then_some(period)
    }

    /// How long it is.
    pub fn length(self) -> Length {
        self.length
    }

    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        Self { index: self.index.saturating_add(1), ..self }
    }

    /// The year that it is in.
    #[must_use]
    pub fn year(self) -> Self {
        Self { length: Length::Year, index: self.index.div_euclid(12 / self.length.months()) }
    }

    /// The periods of a length that it is made of.
    pub fn parts(self, length: Length) -> impl Iterator<Item = Self> {
        let each = self.length.months() / length.months().min(self.length.months());
        (0..each).map(move |part| Self { length, index: self.index * each + part })
    }

    /// Its first day.
    pub fn first_day(self) -> NaiveDate {
        let month = self.index * self.length.months();
        let of = NaiveDate::from_ymd_opt(month.div_euclid(12), u32::try_from(month.rem_euclid(12)).unwrap_or_default() + 1, 1);
        of.unwrap_or(NaiveDate::MAX)
    }

    /// Its last day.
    pub fn last_day(self) -> NaiveDate {
        self.next().first_day().pred_opt().unwrap_or(NaiveDate::MAX)
    }

    /// The day from which it is complete, if what is reported within so many days of its end is in it.
    pub fn complete_from(self, lag: u32) -> NaiveDate {
        self.last_day().checked_add_days(chrono::Days::new(u64::from(lag) + 1)).unwrap_or(NaiveDate::MAX)
    }

    /// Its days.
    pub fn days(self) -> Days {
        Days { first: Day::of(self.first_day()), last: Day::of(self.last_day()) }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = 12 / self.length.months();
        let (year, within) = (self.index.div_euclid(each), self.index.rem_euclid(each) + 1);
        match self.length {
            Length::Month => write!(f, "{year:04}-{within:02}"),
            Length::Quarter => write!(f, "{year:04}-Q{within}"),
            Length::Year => write!(f, "{year:04}"),
        }
    }
}

/// The periods of a series, as its author declared them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Periods {
    /// The column of the participations whose day tells the period.
    pub column: String,
    /// The first.
    pub first: Period,
    /// The last, if there is one.
    pub last: Option<Period>,
    /// How many days after its end a period is complete: what is reported until then is in it.
    pub lag: u32,
}

impl Periods {
    /// The day from which a period is complete. It follows from the calendar and the declared lag, never from what has
    /// been delivered: that somebody is late must not be seen.
    pub fn complete_from(&self, period: Period) -> NaiveDate {
        period.complete_from(self.lag)
    }

    /// Whether a period is one of the series, complete or not.
    pub fn holds(&self, period: Period) -> bool {
        period.length() == self.first.length() && period >= self.first && self.last.is_none_or(|last| period <= last)
    }

    /// The periods that are complete on a day.
    pub fn complete(&self, today: NaiveDate) -> Vec<Period> {
        let all = std::iter::successors(Some(self.first), |period| Some(period.next()));
        all.take_while(|p| self.last.is_none_or(|last| *p <= last) && self.complete_from(*p) <= today).take(MOST).collect()
    }

    /// The first period that is not complete on a day; none if all are.
    pub fn next(&self, today: NaiveDate) -> Option<Period> {
        let next = self.complete(today).last().map_or(self.first, |last| last.next());
        self.last.is_none_or(|last| next <= last).then_some(next)
    }
}

/// A series has at most so many periods: a hundred years of months.
const MOST: usize = 1_200;

/// The label of a period for people.
pub fn label(lang: Lang, code: &str) -> String {
    match Period::parse(code) {
        Some(period) if period.length == Length::Quarter => {
            let (year, quarter) = code.split_once("-Q").unwrap_or((code, ""));
            lang.pick(format!("{year} kv {quarter}"), format!("{year} Q{quarter}"))
        }
        _ => code.to_owned(),
    }
}

/// Reads the period that somebody names.
///
/// # Errors
/// With how periods are written.
pub fn named(text: &str) -> Result<Period, Message> {
    Period::parse(text).ok_or_else(|| {
        Message::new(
            format!("{text} är ingen period; skriv 2021-Q3, 2021-07 eller 2021"),
            format!("{text} is no period; write 2021-Q3, 2021-07 or 2021"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn periods_are_written_in_one_way() {
        for text in ["2021-Q1", "2021-Q4", "2021-01", "2021-12", "2021", "0999-Q2"] {
            assert_eq!(Period::parse(text).unwrap().to_string(), text);
        }
        for wrong in
            ["", "2021-Q0", "2021-Q5", "2021-q1", "2021-Q01", "2021-1", "2021-13", "21", "2021-", "20211", "2021-Q", "+021"]
        {
            assert_eq!(Period::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn periods_follow_each_other_and_lie_in_years() {
        let quarter = Period::parse("2021-Q4").unwrap();
        assert_eq!((quarter.first_day(), quarter.last_day()), (day("2021-10-01"), day("2021-12-31")));
        assert_eq!((quarter.next().to_string(), quarter.year().to_string()), ("2022-Q1".into(), "2021".into()));
        let parts =
            |text: &str, length| Period::parse(text).unwrap().parts(length).map(|p| p.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(parts("2021", Length::Quarter), "2021-Q1 2021-Q2 2021-Q3 2021-Q4");
        assert_eq!(parts("2021-Q2", Length::Month), "2021-04 2021-05 2021-06");
        assert_eq!(parts("2021", Length::Year), "2021");
        let Days { first, last } = Period::parse("2024-02").unwrap().days();
        assert_eq!(last - first, 28);
        let days = |text: &str| Period::parse(text).unwrap().days();
        for (text, number) in [("1970-01-01", 0), ("2000-02-29", 11_016), ("2008-09-01", 14_123), ("1969-12-31", -1)] {
            assert_eq!((iso(text).map(Day::of), Day(number).to_string().as_str()), (Some(Day(number)), text));
        }
        assert_eq!(days("1970").first, Day(0));
        assert_eq!(days("2021-Q1").last + 1, days("2021-Q2").first);
    }

    /// Complete is what the calendar says and the lag, not a day earlier.
    #[test]
    fn a_period_is_complete_when_the_lag_is_over() {
        let [first, last] = ["2021-Q1", "2021-Q3"].map(|text| Period::parse(text).unwrap());
        let series = |last| Periods { column: "end".into(), first, last, lag: 60 };
        let complete =
            |today: &str, last| series(last).complete(day(today)).iter().map(Period::to_string).collect::<Vec<_>>().join(" ");
        assert_eq!(series(None).complete_from(first), day("2021-05-31"));
        assert_eq!(complete("2021-05-30", None), "");
        assert_eq!(complete("2021-05-31", None), "2021-Q1");
        assert_eq!(complete("2021-11-29", None), "2021-Q1 2021-Q2");
        assert_eq!(complete("2029-01-01", Some(last)), "2021-Q1 2021-Q2 2021-Q3");
        assert_eq!(series(None).next(day("2021-05-31")).unwrap().to_string(), "2021-Q2");
        assert_eq!(series(Some(last)).next(day("2029-01-01")), None);
        assert!(series(None).complete(day("9999-01-01")).len() <= MOST);
    }
}
