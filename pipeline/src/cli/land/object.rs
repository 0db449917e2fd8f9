//! What `--json` says of a list that was taken in: as the lines for people, never with a value of it. It is for the controller.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::cli::summary;
use crate::land::finding::{Finding, Severity, ValidationRule};
use crate::land::report::{Difference, FileReport, Outcome};
use utfall_ground::redact::{masked, shown};
use utfall_ground::text::{Lang, Message};

/// So many rows of a rule in a column are listed, and so many such lines of a list; what is left is counted.
const ROWS: usize = 50;
const LINES: usize = 200;

#[derive(Serialize)]
struct Landed<'a> {
    file: String,
    sheet: Option<String>,
    table: Option<&'a str>,
    outcome: &'static str,
    rows: usize,
    difference: Option<Counts>,
    findings: Findings,
    /// What the sender must not be told.
    for_the_controller: Findings,
    fix_list: Option<String>,
}

#[derive(Serialize)]
struct Counts {
    month: Option<String>,
    new: usize,
    changed: usize,
    unchanged: usize,
    withdrawn: usize,
    excluded: usize,
    set_aside: usize,
}

impl Counts {
    fn of(Difference { month, new, changed, unchanged, withdrawn, excluded, set_aside }: Difference) -> Self {
        Self { month: month.map(|month| month.to_string()), new, changed, unchanged, withdrawn, excluded, set_aside }
    }
}

#[derive(Serialize)]
struct Findings {
    lines: Vec<Line>,
    /// How many findings are in no line.
    left_out: usize,
}

/// What is wrong by one rule in one column.
#[derive(Serialize)]
struct Line {
    severity: &'static str,
    column: Option<String>,
    rule: &'static str,
    message: Message,
    /// The first rows of them.
    rows: Vec<u64>,
    count: usize,
}

impl Line {
    fn of(Finding { severity, column, rule, .. }: &Finding) -> Self {
        let severity = match severity {
            Severity::Rejected => "rejected",
            Severity::SetAside => "set-aside",
            Severity::Warning => "warning",
        };
        let [sv, en] = Lang::ALL.map(|lang| rule.text(lang));
        let column = column.as_deref().map(masked);
        Self { severity, column, rule: rule.name(), message: Message::new(sv, en), rows: Vec::new(), count: 0 }
    }
}

impl Findings {
    fn of(findings: &[Finding]) -> Self {
        let mut places: HashMap<(Severity, &ValidationRule, Option<&str>), usize> = HashMap::new();
        let (mut lines, mut left_out) = (Vec::<Line>::new(), 0);
        // What is to mend comes first, so that warnings use no line of it up.
        let is_warning = |finding: &&Finding| finding.severity == Severity::Warning;
        let (warnings, defects): (Vec<&Finding>, Vec<&Finding>) = findings.iter().partition(is_warning);
        for finding in defects.into_iter().chain(warnings) {
            let next = lines.len();
            let at = *places.entry((finding.severity, &finding.rule, finding.column.as_deref())).or_insert(next);
            if at == next && next < LINES {
                lines.push(Line::of(finding));
            }
            let Some(line) = lines.get_mut(at) else {
                places.remove(&(finding.severity, &finding.rule, finding.column.as_deref()));
                left_out += finding.count();
                continue;
            };
            line.count += finding.count();
            line.rows.extend(finding.row.filter(|_| line.rows.len() < ROWS));
        }
        Self { lines, left_out }
    }
}

/// Says what came of a list, and where its fix-list is.
pub(super) fn told(report: &FileReport, fix_list: Option<&[PathBuf; 2]>) {
    let (outcome, rows) = match report.outcome {
        Outcome::Landed(rows) => ("landed", rows),
        Outcome::Known => ("known", 0),
        Outcome::Rejected => ("rejected", 0),
    };
    summary::push(
        "files",
        Landed {
            file: shown(&report.path),
            sheet: report.sheet.as_deref().map(masked),
            table: report.table.as_deref(),
            outcome,
            rows,
            difference: report.difference.map(Counts::of),
            findings: Findings::of(&report.findings),
            for_the_controller: Findings::of(&report.controller),
            fix_list: fix_list.map(|[book, _]| shown(Path::new(book))),
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_counted_whole_and_listed_in_part() {
        let many = u64::try_from(ROWS).unwrap() + 7;
        let dates = (2..2 + many).map(|row| Finding::row(row, Some("Startdatum"), ValidationRule::Date));
        let warning = Finding { more: 3, ..Finding::row(2, None, ValidationRule::KnownRow) };
        let told = Findings::of(&std::iter::once(warning).chain(dates).collect::<Vec<_>>());
        let counted: Vec<_> = told.lines.iter().map(|line| (line.severity, line.rows.len(), line.count)).collect();
        assert_eq!((counted, told.left_out), (vec![("set-aside", ROWS, ROWS + 7), ("warning", 1, 4)], 0));
        let unknown = |at: usize| Finding::row(1, Some(&format!("K{at}")), ValidationRule::UnknownColumn);
        let told = Findings::of(&(0..LINES + 1_000).map(unknown).collect::<Vec<_>>());
        assert_eq!((told.lines.len(), told.left_out), (LINES, 1_000));
    }
}
