//! What came of a file, for its sender and the controller.
//!
//! Takes findings and counts; gives a [`FileReport`], and the list of what is to mend as a workbook, CSV and JSON (`fixlist`). It may
//! not see rows. Start reading at [`FileReport`].

pub mod fixlist;

use std::collections::HashMap;
use std::path::PathBuf;

pub use crate::land::accept::month::Month;
use crate::land::finding::{Finding, Severity, ValidationRule};
pub use crate::land::understand::inferred::Inferred;
use utfall_ground::redact::{masked, shown};
use utfall_ground::text::Lang;

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

    /// The warnings, by rule and column.
    pub fn grouped(&self) -> Vec<Grouped<'_>> {
        grouped(self.findings.iter().filter(|f| f.severity == Severity::Warning))
    }

    /// The file, and its sheet, as they may be shown.
    pub fn name(&self, lang: Lang) -> String {
        let sheet = self.sheet.as_ref().map(|sheet| format!(", {} {}", lang.pick("blad", "sheet"), masked(sheet)));
        shown(&self.path) + &sheet.unwrap_or_default()
    }
}

/// Findings of one rule and column.
#[derive(Debug, Clone, Copy)]
pub struct Grouped<'a> {
    /// The first of them.
    pub first: &'a Finding,
    /// How many there are, those that are not listed included.
    pub count: usize,
}

/// Findings by rule and column, in order of appearance. A bad file has millions.
pub fn grouped<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<Grouped<'a>> {
    let mut places: HashMap<(&ValidationRule, Option<&str>), usize> = HashMap::new();
    let mut groups: Vec<Grouped<'a>> = Vec::new();
    for finding in findings {
        let place = *places.entry((&finding.rule, finding.column.as_deref())).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.count += finding.count(),
            None => groups.push(Grouped { first: finding, count: finding.count() }),
        }
    }
    groups
}

/// So many rows, in words.
pub fn rows(count: usize, lang: Lang) -> String {
    if count == 1 { lang.pick("1 rad", "1 row").to_owned() } else { format!("{count} {}", lang.pick("rader", "rows")) }
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

impl Outcome {
    /// What the controller is told.
    pub fn shown(self, lang: Lang) -> String {
        match self {
            Self::Landed(count) => format!("{} {}", rows(count, lang), lang.pick("landade", "landed")),
            Self::Known => lang.pick("har landat tidigare, inget ändrat", "landed before, nothing changed").to_owned(),
            Self::Rejected => lang.pick("avvisad, inget landade", "rejected, nothing landed").to_owned(),
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

impl Difference {
    /// The counts, as the controller is told.
    pub fn shown(&self, lang: Lang) -> String {
        self.counted(lang, lang.pick("undantagna", "set aside"))
    }

    /// The counts, where rows that wait for a correction are called so.
    pub(super) fn counted(&self, lang: Lang, waiting: &str) -> String {
        let mut text = self.month.map(|month| format!("{} {month}: ", lang.pick("månad", "month"))).unwrap_or_default();
        text += &format!("{} {}", lang.pick("nya", "new"), self.new);
        text += &format!(", {} {}", lang.pick("ändrade", "changed"), self.changed);
        text += &format!(", {} {}", lang.pick("oförändrade", "unchanged"), self.unchanged);
        text += &format!(", {} {}", lang.pick("borttagna", "withdrawn"), self.withdrawn);
        // Most lists have none of these.
        if self.excluded > 0 {
            text += &format!(", {} {}", lang.pick("uteslutna", "excluded"), self.excluded);
        }
        if self.set_aside > 0 {
            text += &format!(", {waiting} {}", self.set_aside);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_grouped_by_rule_and_column() {
        let at = |row, column, rule: ValidationRule| Finding::row(row, Some(column), rule);
        let findings = [
            at(2, "a", ValidationRule::FormerCode),
            at(3, "b", ValidationRule::FormerCode),
            at(4, "a", ValidationRule::FormerCode),
            at(5, "a", ValidationRule::Unusual(16, 64)),
        ];
        let groups: Vec<_> = grouped(&findings).into_iter().map(|group| (group.first.row, group.count)).collect();
        assert_eq!(groups, [(Some(2), 2), (Some(3), 1), (Some(5), 1)]);
        let findings = findings.map(|finding| Finding { more: finding.row.unwrap() * 10, ..finding });
        let counts: Vec<_> = grouped(&findings).into_iter().map(|group| group.count).collect();
        assert_eq!(counts, [62, 31, 51], "those that are not listed count too");
    }

    #[test]
    fn a_difference_is_told_in_counts() {
        let month = Month::parse("2021-03");
        let all = Difference { month, new: 3, changed: 2, unchanged: 290, withdrawn: 1, excluded: 4, set_aside: 5 };
        for (lang, told) in [
            (Lang::Sv, "månad 2021-03: nya 3, ändrade 2, oförändrade 290, borttagna 1, uteslutna 4, undantagna 5"),
            (Lang::En, "month 2021-03: new 3, changed 2, unchanged 290, withdrawn 1, excluded 4, set aside 5"),
        ] {
            assert_eq!(all.shown(lang), told);
        }
        assert!(all.is_telling() && !Difference { new: 3, ..Difference::default() }.is_telling());
    }
}
