//! What is wrong with a delivery.
//!
//! Takes what the rooms of landing find; gives a [`Finding`]: file, row, column and rule, with its words in both languages. It may not
//! hold the value of a cell. Start reading at [`Finding`], then at the list of rules in `rule.rs`.

mod rule;

use crate::keyzone::identity::IdentityFault;
use crate::settle::Remark;
pub use rule::ValidationRule;
use utfall_ground::redact::masked;
use utfall_ground::text::Lang;

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

impl Severity {
    /// What people call it.
    pub fn text(self, lang: Lang) -> &'static str {
        match self {
            Self::Rejected => lang.pick("avvisad", "rejected"),
            Self::SetAside => lang.pick("undantagen", "set aside"),
            Self::Warning => lang.pick("varning", "warning"),
        }
    }
}

impl From<IdentityFault> for ValidationRule {
    fn from(fault: IdentityFault) -> Self {
        match fault {
            IdentityFault::Form => Self::IdentityForm,
            IdentityFault::Length => Self::IdentityLength,
            IdentityFault::Date => Self::IdentityDate,
            IdentityFault::CheckDigit => Self::IdentityCheckDigit,
            IdentityFault::Rewritten => Self::IdentityRewritten,
        }
    }
}

impl From<Remark> for ValidationRule {
    fn from(remark: Remark) -> Self {
        match remark {
            Remark::Known => Self::KnownRow,
            Remark::Corrected => Self::Corrected,
            Remark::ReportedLater => Self::ReportedLater,
            Remark::Repeated => Self::Repeated,
            Remark::Contradicts => Self::Contradicts,
            Remark::LaterWins => Self::LaterWins,
            Remark::Merged => Self::Merged,
            Remark::BeforeStart => Self::BeforeStart,
            Remark::NoParticipation => Self::NoParticipation,
            Remark::Forgotten => Self::Forgotten,
        }
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
    pub rule: ValidationRule,
    /// How much it matters.
    pub severity: Severity,
    /// How many rows more with the same rule and column follow it that are not listed: a bad file has millions.
    pub more: u64,
}

impl Finding {
    /// A finding about the whole file, as severe as its rule usually is.
    pub fn of(rule: ValidationRule) -> Self {
        let severity = rule.severity();
        Self { row: None, column: None, rule, severity, more: 0 }
    }

    /// A finding about one cell or one row.
    pub fn row(row: u64, column: Option<&str>, rule: ValidationRule) -> Self {
        Self { row: Some(row), column: column.map(str::to_owned), ..Self::of(rule) }
    }

    /// How many rows it tells of, with those that are not listed.
    pub fn count(&self) -> usize {
        usize::try_from(self.more).unwrap_or(usize::MAX).saturating_add(1)
    }

    /// One line: severity, row, column, rule and what to do.
    pub fn shown(&self, lang: Lang) -> String {
        let mut line = self.severity.text(lang).to_owned();
        if let Some(row) = self.row {
            line += &format!(", {} {row}", lang.pick("rad", "row"));
        }
        if let Some(column) = &self.column {
            line += &format!(", {} {}", lang.pick("kolumn", "column"), masked(column));
        }
        format!("{line}: {} [{}]", self.rule.text(lang), self.rule.name())
    }

    /// A finding about a whole column, tied to no row of it.
    pub fn column(column: &str, rule: ValidationRule) -> Self {
        Self { column: Some(column.to_owned()), ..Self::of(rule) }
    }
}

/// Some names in one line; a few of many, and how many more there are.
pub fn few(mut names: Vec<String>) -> String {
    const MOST: usize = 5;
    let more = names.len().saturating_sub(MOST);
    if more > 0 {
        names.truncate(MOST);
        names.push(format!("+{more}"));
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_where_and_what_and_hides_a_number_in_a_heading() {
        let finding = Finding::row(3, Some("Kön 00000000-0000"), ValidationRule::Date);
        for (lang, line) in [
            (Lang::Sv, "undantagen, rad 3, kolumn Kön …: inte ett datum (ÅÅÅÅ-MM-DD); rätta det [value.date]"),
            (Lang::En, "set aside, row 3, column Kön …: not a date (YYYY-MM-DD); correct it [value.date]"),
        ] {
            assert_eq!(finding.shown(lang), line);
        }
    }
}
