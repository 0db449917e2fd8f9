//! What came of a file: rows in counts, how the file was read, and what is wrong with it.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use super::finding::{Finding, Rule, Severity, masked, shown};
pub use super::month::Month;
use utfall_ground::language::say;

/// What came of one file or, of a workbook, one sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReport {
    /// The file.
    pub path: PathBuf,
    /// The sheet, where the file is a workbook.
    pub sheet: Option<String>,
    /// The table it belongs to, where that could be told.
    pub table: Option<String>,
    /// What happened.
    pub outcome: Outcome,
    /// How the file was read, where it could have been read otherwise.
    pub inferred: Vec<Inferred>,
    /// What the rows are against those that were there.
    pub difference: Option<Difference>,
    /// What is wrong, in order of rows; for the sender.
    pub findings: Vec<Finding>,
    /// What only the controller may know; never part of a fix-list.
    pub controller: Vec<Finding>,
}

impl FileReport {
    /// Whether the sender has something to mend.
    pub fn is_defective(&self) -> bool {
        self.findings.iter().any(|f| f.severity < Severity::Warning)
    }

    /// Each warning once per rule and column: the first, and how many there are.
    pub fn grouped(&self) -> Vec<(&Finding, usize)> {
        grouped(self.findings.iter().filter(|f| f.severity == Severity::Warning))
    }

    /// The file, and its sheet, as they may be shown.
    pub fn name(&self) -> String {
        let sheet = self.sheet.as_ref().map(|sheet| format!(", {} {}", say("blad", "sheet"), masked(sheet)));
        shown(&self.path) + &sheet.unwrap_or_default()
    }
}

/// Findings once per rule and column, in order of appearance: the first, and how many there are, those that are not listed
/// included. A bad file has millions.
pub fn grouped<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<(&'a Finding, usize)> {
    let mut places: HashMap<(&Rule, Option<&str>), usize> = HashMap::new();
    let mut groups: Vec<(&Finding, usize)> = Vec::new();
    for finding in findings {
        let place = *places.entry((&finding.rule, finding.column.as_deref())).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, count)) => *count += finding.count(),
            None => groups.push((finding, finding.count())),
        }
    }
    groups
}

/// So many rows, in words.
pub fn rows(count: usize) -> String {
    if count == 1 { say("1 rad", "1 row").to_owned() } else { format!("{count} {}", say("rader", "rows")) }
}

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// So many rows landed.
    Landed(usize),
    /// The same file had landed before; nothing changed.
    Known,
    /// The file cannot be trusted; nothing landed.
    Rejected,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Landed(count) => write!(f, "{} {}", rows(*count), say("landade", "landed")),
            Self::Known => f.write_str(say("har landat tidigare, inget ändrat", "landed before, nothing changed")),
            Self::Rejected => f.write_str(say("avvisad, inget landade", "rejected, nothing landed")),
        }
    }
}

/// What a file's rows are against those that had landed: counts only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Difference {
    /// The month that the file replaced, if it replaced one.
    pub month: Option<Month>,
    /// Rows that were not there.
    pub new: usize,
    /// Rows that were there with other values.
    pub changed: usize,
    /// Rows that were there.
    pub unchanged: usize,
    /// Rows that were there and that the month no longer has.
    pub withdrawn: usize,
    /// Rows left out by what they say of themselves: wrong entries, withdrawn consent.
    pub excluded: usize,
    /// Rows that somebody must mend.
    pub set_aside: usize,
}

impl Difference {
    /// Whether it says more than how many new rows landed.
    pub fn is_telling(&self) -> bool {
        let others = [self.changed, self.unchanged, self.withdrawn, self.excluded, self.set_aside];
        self.month.is_some() || others.iter().any(|count| *count > 0)
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, say("undantagna", "set aside"))
    }
}

impl Difference {
    /// The counts, where rows that wait for a correction are called so.
    pub(super) fn write(&self, f: &mut impl fmt::Write, waiting: &str) -> fmt::Result {
        if let Some(month) = self.month {
            write!(f, "{} {month}: ", say("månad", "month"))?;
        }
        write!(f, "{} {}", say("nya", "new"), self.new)?;
        write!(f, ", {} {}", say("ändrade", "changed"), self.changed)?;
        write!(f, ", {} {}", say("oförändrade", "unchanged"), self.unchanged)?;
        write!(f, ", {} {}", say("borttagna", "withdrawn"), self.withdrawn)?;
        // Most lists have none of these.
        if self.excluded > 0 {
            write!(f, ", {} {}", say("uteslutna", "excluded"), self.excluded)?;
        }
        if self.set_aside > 0 {
            write!(f, ", {waiting} {}", self.set_aside)?;
        }
        Ok(())
    }
}

/// One thing that the file does not say and that was told from what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inferred {
    /// The encoding, by its name.
    Encoding(&'static str),
    /// What separates the columns.
    Separator(char),
    /// The row of the headings.
    HeadingRow(u64),
    /// Which column a heading means.
    Column {
        /// The heading as written.
        heading: String,
        /// The column of the schema.
        column: String,
    },
    /// The month that the file reports.
    Month(Month),
    /// The project of all its rows, by its code.
    Project(String),
}

/// An inference in two parts, as machines read it.
#[derive(Debug, Serialize)]
pub(super) struct Reading {
    what: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    heading: Option<String>,
    value: String,
}

impl Inferred {
    pub(super) fn reading(&self) -> Reading {
        let plain = |what, value: String| Reading { what, heading: None, value };
        match self {
            Self::Encoding(name) => plain("encoding", (*name).to_owned()),
            Self::Separator(c) => plain("separator", c.to_string()),
            Self::HeadingRow(row) => plain("heading-row", row.to_string()),
            Self::Column { heading, column } => Reading { what: "column", heading: Some(masked(heading)), value: column.clone() },
            Self::Month(month) => plain("month", month.to_string()),
            Self::Project(code) => plain("project", code.clone()),
        }
    }

    /// What it is about, and what it was taken for.
    pub(super) fn parts(&self) -> [String; 2] {
        let label = |sv: &str, en: &str| say(sv, en).to_owned();
        match self {
            Self::Encoding(name) => [label("Teckenkodning", "Encoding"), (*name).to_owned()],
            Self::Separator(c) => [label("Skiljetecken", "Separator"), separator(*c)],
            Self::HeadingRow(row) => [label("Rubrikernas rad", "Row of the headings"), row.to_string()],
            Self::Column { heading, column } => [format!("{}: {}", say("Kolumn", "Column"), masked(heading)), column.clone()],
            Self::Month(month) => [label("Månad", "Month"), month.to_string()],
            Self::Project(code) => [label("Projekt", "Project"), code.clone()],
        }
    }
}

/// As short as it is understood in a line of several.
impl fmt::Display for Inferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encoding(name) => f.write_str(name),
            Self::Separator(c) => f.write_str(&separator(*c)),
            Self::HeadingRow(row) => write!(f, "{} {row}", say("rubriker på rad", "headings on row")),
            Self::Column { heading, column } => write!(f, "{} = {column}", masked(heading)),
            Self::Month(month) => write!(f, "{} {month}", say("månad", "month")),
            Self::Project(code) => write!(f, "{} {code}", say("projekt", "project")),
        }
    }
}

fn separator(c: char) -> String {
    match c {
        ';' => say("semikolon", "semicolon").to_owned(),
        ',' => say("komma", "comma").to_owned(),
        '\t' => say("tabb", "tab").to_owned(),
        other => masked(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_grouped_by_rule_and_column() {
        let at = |row, column, rule: Rule| Finding::row(row, Some(column), rule);
        let findings = [
            at(2, "a", Rule::FormerCode),
            at(3, "b", Rule::FormerCode),
            at(4, "a", Rule::FormerCode),
            at(5, "a", Rule::Unusual(16, 64)),
        ];
        let groups: Vec<_> = grouped(&findings).into_iter().map(|(f, count)| (f.row, count)).collect();
        assert_eq!(groups, [(Some(2), 2), (Some(3), 1), (Some(5), 1)]);
        let findings = findings.map(|finding| Finding { more: finding.row.unwrap() * 10, ..finding });
        let counts: Vec<_> = grouped(&findings).into_iter().map(|(_, count)| count).collect();
        assert_eq!(counts, [62, 31, 51], "those that are not listed count too");
    }

    #[test]
    fn a_difference_is_told_in_counts() {
        let month = Month::parse("2021-03");
        let all = Difference { month, new: 3, changed: 2, unchanged: 290, withdrawn: 1, excluded: 4, set_aside: 5 };
        let told = say(
            "månad 2021-03: nya 3, ändrade 2, oförändrade 290, borttagna 1, uteslutna 4, undantagna 5",
            "month 2021-03: new 3, changed 2, unchanged 290, withdrawn 1, excluded 4, set aside 5",
        );
        assert_eq!(all.to_string(), told);
        assert!(all.is_telling() && !Difference { new: 3, ..Difference::default() }.is_telling());
    }
}
