//! A fix-list as JSON, for the systems of the project's office.

use serde::Serialize;

use super::{FixList, Line};
use crate::land::finding::Severity;
use crate::land::report::{FileReport, Inferred, Outcome};
use crate::land::understand::inferred;
use utfall_ground::redact::masked;
use utfall_ground::text::{Lang, Text};

#[derive(Serialize)]
struct Told<'a> {
    format: u8,
    file: String,
    sheet: Option<String>,
    table: Option<&'a str>,
    title: Option<&'a Text>,
    outcome: &'static str,
    rows: usize,
    difference: Option<Counts>,
    inferred: Vec<inferred::Told>,
    findings: Vec<Found<'a>>,
    /// In how many rows something was found whose numbers are not among those of the findings.
    left_out: usize,
    allowed: Vec<Allowed<'a>>,
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

#[derive(Serialize)]
struct Found<'a> {
    severity: &'static str,
    /// The rows, as far as they are listed.
    rows: &'a [u64],
    /// How many there are.
    count: usize,
    column: Option<String>,
    rule: &'static str,
    sv: String,
    en: String,
    /// Where a finding stands for several, each of another column or of another kind: of how many, and in which rows they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<Others>,
}

#[derive(Serialize)]
struct Others {
    findings: usize,
    first_row: Option<u64>,
    last_row: Option<u64>,
}

#[derive(Serialize)]
struct Allowed<'a> {
    column: String,
    values: Vec<Value<'a>>,
}

#[derive(Serialize)]
struct Value<'a> {
    code: &'a str,
    sv: &'a str,
    en: &'a str,
}

impl FixList<'_> {
    pub(super) fn json(&self) -> serde_json::Result<Vec<u8>> {
        let report = self.report;
        let (outcome, rows) = match report.outcome {
            Outcome::Landed(rows) => ("landed", rows),
            Outcome::Known => ("known", 0),
            Outcome::Rejected => ("rejected", 0),
        };
        let mut bytes = serde_json::to_vec_pretty(&Told {
            format: 2,
            file: self.file(),
            sheet: report.sheet.as_deref().map(masked),
            table: report.table.as_deref(),
            title: self.title(),
            outcome,
            rows,
            difference: counts(report),
            inferred: report.inferred.iter().map(Inferred::told).collect(),
            findings: self.lines.iter().map(found).collect(),
            left_out: self.lines.iter().map(Line::left_out).sum(),
            allowed: self.allowed.iter().map(|one| Allowed { column: masked(one.column), values: one.values(value) }).collect(),
        })?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

fn value<'a>(code: &'a str, sv: &'a str, en: &'a str) -> Value<'a> {
    Value { code, sv, en }
}

fn counts(report: &FileReport) -> Option<Counts> {
    report.difference.map(|d| Counts {
        month: d.month.map(|month| month.to_string()),
        new: d.new,
        changed: d.changed,
        unchanged: d.unchanged,
        withdrawn: d.withdrawn,
        excluded: d.excluded,
        set_aside: d.set_aside,
    })
}

fn found<'a>(line: &'a Line<'_>) -> Found<'a> {
    let severity = match line.severity {
        Severity::Rejected => "rejected",
        Severity::SetAside => "set-aside",
        Severity::Warning => "warning",
    };
    let [sv, en] = Lang::ALL.map(|lang| line.rule.text(lang));
    let (column, rule) = (line.column.map(masked), line.rule.name());
    let more = line.more.map(|more| {
        let (first_row, last_row) = more.rows.unzip();
        Others { findings: more.lines, first_row, last_row }
    });
    Found { severity, rows: &line.rows, count: line.count, column, rule, sv, en, more }
}
