//! What is wrong with a delivery: file, row, column and rule, never the value.

use std::fmt;

pub use super::rule::Rule;
use crate::language::{current, say};
use crate::visible::{is_dash, is_hidden};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The whole file is rejected and lands nothing.
    Rejected,
    /// The row is set aside; the rest of its file lands.
    SetAside,
    /// Nothing is lost, but somebody should look.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rejected => say("avvisad", "rejected"),
            Self::SetAside => say("undantagen", "set aside"),
            Self::Warning => say("varning", "warning"),
        })
    }
}

/// One finding in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The row as a spreadsheet counts it: the first row of the file is row 1.
    pub row: Option<u64>,
    /// The column's heading where it is a known one, else its position.
    pub column: Option<String>,
    /// What is broken.
    pub rule: Rule,
    /// How much it matters.
    pub severity: Severity,
    /// How many rows more with the same rule and column follow it that are not listed: a bad file has millions.
    pub more: u64,
}

impl Finding {
    /// A finding about the whole file, as severe as its rule usually is.
    pub fn of(rule: Rule) -> Self {
        let severity = rule.severity();
        Self { row: None, column: None, rule, severity, more: 0 }
    }

    /// A finding about one cell or one row.
    pub fn row(row: u64, column: Option<&str>, rule: Rule) -> Self {
        Self { row: Some(row), column: column.map(str::to_owned), ..Self::of(rule) }
    }

    /// How many rows it tells of, with those that are not listed.
    pub fn count(&self) -> usize {
        usize::try_from(self.more).unwrap_or(usize::MAX).saturating_add(1)
    }

    /// A finding about a whole column, tied to no row of it.
    pub fn column(column: &str, rule: Rule) -> Self {
        Self { column: Some(column.to_owned()), ..Self::of(rule) }
    }
}

/// One line: severity, row, column, rule and what to do.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.severity)?;
        if let Some(row) = self.row {
            write!(f, ", {} {row}", say("rad", "row"))?;
        }
        if let Some(column) = &self.column {
            write!(f, ", {} {}", say("kolumn", "column"), masked(column))?;
        }
        write!(f, ": {} [{}]", self.rule.text(current()), self.rule.name())
    }
}

/// A file's name as it may be shown.
pub fn shown(path: &std::path::Path) -> String {
    masked(&path.display().to_string())
}

/// What senders name as they like (files, sheets, headings), as it may be shown: an identity number in it, however it is
/// spelled, or a control character is not.
pub fn masked(name: &str) -> String {
    let text: Vec<char> = name.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    let (mut out, mut at) = (String::new(), 0);
    while let Some(c) = text.get(at) {
        // A run of digits, with signs and spaces between them as people put them into numbers.
        let (mut end, mut digits) = (at, 0);
        while let Some(gap) = text.get(end..).and_then(|rest| rest.iter().position(|c| !is_between(*c)))
            && text.get(end + gap).is_some_and(char::is_ascii_digit)
            && (gap == 0 || digits > 0)
        {
            digits += 1;
            end += gap + 1;
        }
        if digits >= 10 {
            out.push('…');
            at = end;
        } else {
            out.push(*c);
            at += 1;
        }
    }
    out
}

/// What may stand between the digits of a number: white space and signs, as the reader of numbers takes them, what file names
/// have instead, what is shown for a control character, and what shows nothing.
fn is_between(c: char) -> bool {
    c.is_whitespace() || "-+_.?".contains(c) || is_dash(c) || is_hidden(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_shown_without_what_must_not_be_shown() {
        for (name, told) in [
            ("lists/asap-2021-03.csv", "lists/asap-2021-03.csv"),
            ("lista 00000000-0000.csv", "lista ….csv"),
            ("00000000_0000.csv", "….csv"),
            ("000000 0000 lista.csv", "… lista.csv"),
            ("0000.00.00.0000.csv", "….csv"),
            ("000000+0000", "…"),
            (" 000000 – 0000.xlsx", " ….xlsx"),
            ("00000000\u{2212}0000\u{a0}", "…\u{a0}"),
            ("0000\u{200b}0000\u{ff0d}00\u{ad}\u{2015}00.csv", "….csv"),
            ("000000--0000 000000\t    0000", "…"),
            ("@SUM(1) 00000000-0000", "@SUM(1) …"),
            ("lists/2021-03/2021-04.csv", "lists/2021-03/2021-04.csv"),
            ("a\n\u{1b}[31mb.csv", "a??[31mb.csv"),
        ] {
            assert_eq!(shown(std::path::Path::new(name)), told);
        }
    }

    #[test]
    fn a_finding_says_where_and_what_and_hides_a_number_in_a_heading() {
        let finding = Finding::row(3, Some("Kön 00000000-0000"), Rule::Date);
        let line = say(
            "undantagen, rad 3, kolumn Kön …: inte ett datum (ÅÅÅÅ-MM-DD); rätta det [value.date]",
            "set aside, row 3, column Kön …: not a date (YYYY-MM-DD); correct it [value.date]",
        );
        assert_eq!(finding.to_string(), line);
    }
}
