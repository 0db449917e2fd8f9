//! The months that projects report, as lists name them.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utfall_ground::text::Message;

/// The years that a list can name.
const YEARS: RangeInclusive<i32> = 1990..=2099;
const NAMES: [&[&str]; 12] = [
    &["januari", "january", "jan"],
    &["februari", "february", "feb"],
    &["mars", "march", "mar"],
    &["april", "apr"],
    &["maj", "may"],
    &["juni", "june", "jun"],
    &["juli", "july", "jul"],
    &["augusti", "august", "aug"],
    &["september", "sept", "sep"],
    &["oktober", "october", "okt", "oct"],
    &["november", "nov"],
    &["december", "dec"],
];

/// A calendar month, as projects report; kept as its number, counted from January 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Month(i32);

impl Month {
    /// The month of a day.
    pub fn at(day: chrono::NaiveDate) -> Self {
        use chrono::Datelike as _;
        Self((day.year() - 1970) * 12 + day.month0().cast_signed())
    }

    /// Reads `2021-03` or `202103`.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-').or_else(|| text.split_at_checked(4))?;
        let digits = |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return None;
        }
        let (year, month): (i32, i32) = (year.parse().ok()?, month.parse().ok()?);
        (1..=12).contains(&month).then(|| Self((year - 1970) * 12 + month - 1))
    }

    /// The month that a title names, as `2021-03`, `202103` or `mars 2021`. A day is none (lists bear the day on which they
    /// were printed), and of two months neither is meant.
    pub fn named(title: &str) -> Option<Self> {
        let title = title.to_lowercase();
        let words: Vec<&str> = title.split(|c: char| !c.is_alphanumeric() && c != '-').filter(|w| !w.is_empty()).collect();
        let word = |at: Option<usize>| at.and_then(|at| words.get(at)).copied().unwrap_or_default();
        let number = |word: &str| word.parse::<u32>().is_ok();
        let mut named = (0..words.len()).filter_map(|at| {
            let (before, here, after) = (word(at.checked_sub(1)), word(Some(at)), word(at.checked_add(1)));
            let day = before.len() <= 2 && number(before);
            let month = Self::parse(here).or_else(|| Self::of(after, here).filter(|_| !day));
            month.filter(|month| YEARS.contains(&month.year()))
        });
        let first = named.next()?;
        named.all(|other| other == first).then_some(first)
    }

    /// The month with which a file's name ends: `asap-2021-03`, `asap_202103`, `ASAP mars 2021`. A number before it may make it
    /// a period or a day, and then it is none.
    pub fn ending(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
        let (last, before) = words.split_last()?;
        let (month, before) = match (Self::parse(last), before.split_last()) {
            (Some(month), _) => (month, before),
            (None, Some((other, before))) => {
                let month = Self::parse(&format!("{other}-{last}"));
                (month.or_else(|| Self::of(last, other))?, before)
            }
            (None, None) => return None,
        };
        let numbered = before.last().is_some_and(|word| word.bytes().all(|b| b.is_ascii_digit()));
        (!numbered && YEARS.contains(&month.year())).then_some(month)
    }

    /// The one month that a file's name has anywhere: `2021-03-progress`, `progress mars 2021 rättad`. Numbers beside it may make
    /// it a period or a day, and then it is none.
    pub fn within(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
        let number =
            |at: Option<usize>| at.and_then(|at| words.get(at)).is_some_and(|word| word.bytes().all(|b| b.is_ascii_digit()));
        let mut found = (0..words.len()).filter_map(|at| {
            let (here, next) = (words.get(at)?, words.get(at + 1).copied().unwrap_or_default());
            let two = || Self::parse(&format!("{here}-{next}")).or_else(|| Self::of(next, here));
            let (month, last) = Self::parse(here).map(|month| (month, at)).or_else(|| two().map(|month| (month, at + 1)))?;
            let alone = !number(at.checked_sub(1)) && !number(last.checked_add(1));
            (alone && YEARS.contains(&month.year())).then_some(month)
        });
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    }

    /// A month by its name.
    pub(crate) fn of(year: &str, name: &str) -> Option<Self> {
        let month = NAMES.iter().position(|names| names.contains(&name))?;
        Self::parse(&format!("{year}-{:02}", month + 1))
    }

    /// Which month of its year it is, from 1.
    pub(crate) fn of_year(self) -> u32 {
        self.0.rem_euclid(12).unsigned_abs() + 1
    }

    fn year(self) -> i32 {
        1970 + self.0.div_euclid(12)
    }

    /// Months since January 1970.
    pub fn number(self) -> i32 {
        self.0
    }

    /// The month so many months after January 1970.
    pub fn from_number(number: i32) -> Self {
        Self(number)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.0.rem_euclid(12) + 1)
    }
}

/// For the command line, which says what is wrong.
impl FromStr for Month {
    type Err = Message;

    fn from_str(text: &str) -> Result<Self, Message> {
        Self::parse(text).ok_or_else(|| Message::new("inte en månad; skriv ÅÅÅÅ-MM", "not a month; write YYYY-MM"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_read_and_written() {
        let month = Month::parse("2021-03").unwrap();
        assert_eq!((month.to_string().as_str(), Month::parse("202103")), ("2021-03", Some(month)));
        assert_eq!((Month::parse("1970-01").unwrap().number(), Month::parse("1969-12").unwrap().number()), (0, -1));
        for number in [-13, -1, 0, 11, 12, 614] {
            assert_eq!(Month::parse(&Month::from_number(number).to_string()).unwrap().number(), number);
        }
        assert!(Month::parse("2021-12").unwrap() < Month::parse("2022-01").unwrap());
        for other in ["", "2021", "2021-3", "2021-13", "2021-00", "21-03", "2021-03-01", "20210", "2021é3", "+202103", "-20213"]
        {
            assert!(Month::parse(other).is_none() && other.parse::<Month>().is_err(), "{other}");
        }
    }

    #[test]
    fn a_title_names_at_most_one_month() {
        let march = Month::parse("2021-03");
        for title in ["Deltagarlista för mars 2021", "Period: 2021-03;;", "202103", "MARS 2021 (2021-03)", "Team – Mar. 2021"]
        {
            assert_eq!(Month::named(title), march, "{title}");
        }
        for title in [
            "Deltagarlista",
            "Utskriven 2021-03-02",
            "den 2 mars 2021",
            "2021-03–2021-05",
            "mars 2021 till maj 2021",
            "2021-03, 2021-03 och 2021-04",
            "Team 12, mars 2021",
            "mars",
            "2015/00624",
            "210301",
            "199999",
            "191203",
        ] {
            assert_eq!(Month::named(title), None, "{title}");
        }
    }

    #[test]
    fn a_file_name_may_have_its_month_anywhere() {
        let march = Month::parse("2021-03");
        for name in ["2021-03-progress", "202103 ASAP", "progress mars 2021 rättad", "asap_2021_03_v2", "2021-03"] {
            assert_eq!(Month::within(name), march, "{name}");
        }
        for name in ["asap", "2021-03-02 asap", "2 mars 2021 asap", "2021-02-2021-03", "2021-03 till 2021-05", "2015-00624 asap"]
        {
            assert_eq!(Month::within(name), None, "{name}");
        }
    }

    #[test]
    fn a_file_name_may_end_with_its_month() {
        let march = Month::parse("2021-03");
        for name in ["asap-2021-03", "2021-03", "asap2_202103", "ASAP, Mars 2021", "asap 2021_03"] {
            assert_eq!(Month::ending(name), march, "{name}");
        }
        for name in [
            "",
            "asap",
            "2021",
            "mars",
            "asap-2021-03-02",
            "20210302",
            "a 2 mars 2021",
            "2021-02-2021-03",
            "a-2021-03 (1)",
            "a-199913",
        ] {
            assert_eq!(Month::ending(name), None, "{name}");
        }
    }
}
