//! What `utfall land` prints of the lists that it took in.

use std::path::Path;

use crate::catalogue::schema::Catalogue;
use crate::cli::terminal::Terminal;
use crate::land::finding::{Finding, Severity, ValidationRule};
use crate::land::report::{FileReport, Grouped, Inferred, Outcome, grouped};
use utfall_ground::redact::{masked, shown};

/// Of one rule in one column, so many rows are printed; a list with more has one cause to mend.
const MOST: usize = 50;
/// So many lines of findings are printed of one list; what is left is counted, rule by rule. A list may have a hundred thousand
/// columns, each with a finding of its own.
const OF_A_LIST: usize = 200;
/// About so many lines of findings are printed of all lists of a call.
const IN_ALL: usize = 2_000;

/// What is printed of the lists of a call, file by file.
#[derive(Debug)]
pub(super) struct Printed<'c> {
    catalogue: &'c Catalogue,
    terminal: Terminal,
    /// Leave out what changed nothing.
    quiet: bool,
    /// So many lines of findings are left.
    left: usize,
}

impl<'c> Printed<'c> {
    /// Before the first file.
    pub(super) fn new(catalogue: &'c Catalogue, quiet: bool, terminal: Terminal) -> Self {
        Self { catalogue, terminal, quiet, left: IN_ALL }
    }

    /// What is printed of a file: a line of its own, and below it the counts, how it was read, and what is to mend, in so many
    /// lines at most. `book` is where its fix-list is.
    pub(super) fn lines(&mut self, report: &FileReport, book: Option<&Path>) -> Vec<String> {
        let lines = self.told(report, self.left.min(OF_A_LIST), book);
        self.left = self.left.saturating_sub(lines.len());
        lines
    }

    fn told(&self, report: &FileReport, most: usize, book: Option<&Path>) -> Vec<String> {
        let Self { catalogue, terminal, quiet, .. } = *self;
        let mut lines = Vec::new();
        if !(quiet && report.outcome == Outcome::Known && !report.is_defective()) {
            let table = report.table.as_deref().map(|t| format!(" ({t})")).unwrap_or_default();
            let lang = terminal.lang();
            lines.push(format!("{}{table}: {}", report.name(lang), report.outcome.shown(lang)));
        }
        lines.extend(report.difference.filter(|d| d.is_telling()).map(|d| format!("  {}", d.shown(terminal.lang()))));
        if !quiet {
            lines.extend(read_as(report, catalogue, terminal));
        }
        let place = book.map_or_else(
            || terminal.say("; --fix-list DIR skriver dem till en fil", "; --fix-list DIR writes them to a file").to_owned(),
            |book| format!("; {} {}", terminal.say("se", "see"), shown(book)),
        );
        lines.extend(findings(&report.findings, Shown { quiet, most, place: &place }, terminal));
        // These are in no file.
        let controller = findings(&report.controller, Shown { quiet, most, place: "" }, terminal);
        if !controller.is_empty() {
            lines.push(format!("  {}:", terminal.say("endast för den personuppgiftsansvarige", "for the controller only")));
            lines.extend(controller.into_iter().map(|line| format!("  {line}")));
        }
        lines.extend(book.map(|book| format!("  {}: {}", terminal.say("rättelselista", "fix-list"), shown(book))));
        lines
    }
}

/// How the file was read, in one line, without what is as the schema has it.
fn read_as(report: &FileReport, catalogue: &Catalogue, terminal: Terminal) -> Option<String> {
    let headers = report.table.as_deref().and_then(|table| catalogue.table(table)).map(|table| &table.delivery.headers);
    let usual = |one: &&Inferred| match one {
        Inferred::HeadingRow(row) => *row == 1,
        Inferred::Column { heading, column } => {
            headers.and_then(|h| h.get(column)).and_then(|h| h.first()).is_some_and(|first| first == heading)
        }
        _ => false,
    };
    let (columns, form): (Vec<&Inferred>, Vec<&Inferred>) =
        report.inferred.iter().filter(|one| !usual(one)).partition(|one| matches!(one, Inferred::Column { .. }));
    let parts = [form, columns].map(|part| part.iter().map(|one| one.shown(terminal.lang())).collect::<Vec<_>>().join(", "));
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| format!("  {}: {}", terminal.say("läst som", "read as"), parts.join("; ")))
}

/// How findings are printed.
#[derive(Clone, Copy)]
struct Shown<'a> {
    /// Leave out warnings that are no news.
    quiet: bool,
    /// So many lines at most.
    most: usize,
    /// Where the others are.
    place: &'a str,
}

/// A line of findings: what it says, of how many, and by which rule.
struct Line<'a> {
    text: String,
    count: usize,
    rule: &'a ValidationRule,
}

/// What is to mend, row by row, and warnings once per rule and column with the first row and how many there are; no more lines
/// than so many, and then how many more there are of each rule.
fn findings(findings: &[Finding], Shown { quiet, most, place }: Shown<'_>, terminal: Terminal) -> Vec<String> {
    let (warnings, defects): (Vec<&Finding>, Vec<&Finding>) = findings.iter().partition(|f| f.severity == Severity::Warning);
    let mut lines = first(&defects, place, terminal);
    // What a list replaced, and that nobody said whose it is, is news also where nobody watches.
    for Grouped { first: finding, count } in grouped(warnings) {
        if !quiet || finding.rule.name().starts_with("month.") {
            let more = if count > 1 { format!(" ({})", and_more(count - 1, terminal)) } else { String::new() };
            lines.push(Line { text: format!("  {}{more}", finding.shown(terminal.lang())), count, rule: &finding.rule });
        }
    }
    let mut left: Vec<(&'static str, usize)> = Vec::new();
    for line in lines.drain(most.min(lines.len())..) {
        match left.iter_mut().find(|(rule, _)| *rule == line.rule.name()) {
            Some((_, count)) => *count += line.count,
            None => left.push((line.rule.name(), line.count)),
        }
    }
    let left = left.into_iter().map(|(rule, count)| format!("  {} [{rule}]{place}", and_more_findings(count, terminal)));
    lines.into_iter().map(|line| line.text).chain(left).collect()
}

/// The first [`MOST`] of each rule and column in order of rows, then how many more there are and in what place.
fn first<'a>(defects: &[&'a Finding], place: &str, terminal: Terminal) -> Vec<Line<'a>> {
    let groups = grouped(defects.iter().copied());
    let many: Vec<_> = groups.into_iter().filter(|group| group.count > MOST).collect();
    let mut left = vec![MOST; many.len()];
    let mut lines = Vec::new();
    for finding in defects {
        let group = many.iter().position(|group| group.first.rule == finding.rule && group.first.column == finding.column);
        match group.and_then(|group| left.get_mut(group)) {
            Some(0) => continue,
            Some(left) => *left -= 1,
            None => {}
        }
        lines.push(Line { text: format!("  {}", finding.shown(terminal.lang())), count: 1, rule: &finding.rule });
    }
    for (Grouped { first: finding, count }, left) in many.into_iter().zip(left) {
        let column =
            finding.column.as_ref().map(|c| format!(", {} {}", terminal.say("kolumn", "column"), masked(c))).unwrap_or_default();
        let count = count - (MOST - left);
        let text = format!("  {}{column} [{}]{place}", and_more(count, terminal), finding.rule.name());
        lines.push(Line { text, count, rule: &finding.rule });
    }
    lines
}

/// So many findings of a rule that are not printed, in rows or in columns.
fn and_more_findings(count: usize, terminal: Terminal) -> String {
    match count {
        1 => terminal.say("och 1 anmärkning till", "and 1 more finding").to_owned(),
        n => terminal.say(format!("och {n} anmärkningar till"), format!("and {n} more findings")),
    }
}

/// So many rows that are not printed.
fn and_more(rows: usize, terminal: Terminal) -> String {
    match rows {
        1 => terminal.say("och 1 rad till", "and 1 more row").to_owned(),
        n => terminal.say(format!("och {n} rader till"), format!("and {n} more rows")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::land::report::Difference;

    fn report() -> FileReport {
        FileReport {
            path: "lists/a.xlsx".into(),
            sheet: None,
            table: Some("participation".into()),
            outcome: Outcome::Landed(3),
            inferred: Vec::new(),
            difference: None,
            findings: Vec::new(),
            controller: Vec::new(),
        }
    }

    fn warning(rule: ValidationRule) -> Finding {
        Finding::row(2, None, rule)
    }

    const TERMINAL: Terminal = Terminal::ENGLISH;

    fn told(report: &FileReport, quiet: bool, most: usize, book: Option<&Path>) -> Vec<String> {
        let catalogue = Catalogue::default();
        Printed::new(&catalogue, quiet, TERMINAL).told(report, most, book)
    }

    fn lines(report: &FileReport, quiet: bool) -> Vec<String> {
        told(report, quiet, OF_A_LIST, None)
    }

    #[test]
    fn a_list_that_is_as_it_must_be_is_one_line() {
        let mut new = report();
        new.difference = Some(Difference { new: 3, ..Difference::default() });
        assert_eq!(
            lines(&new, false),
            [TERMINAL.say("lists/a.xlsx (participation): 3 rader landade", "lists/a.xlsx (participation): 3 rows landed")]
        );
        let known = FileReport { outcome: Outcome::Known, findings: vec![warning(ValidationRule::KnownRow)], ..report() };
        assert!(lines(&known, true).is_empty() && lines(&known, false).len() == 2);
    }

    #[test]
    fn sheet_counts_reading_and_what_is_for_the_controller_have_their_lines() {
        let difference = Some(Difference { new: 3, changed: 2, ..Difference::default() });
        let column = Inferred::Column { heading: "Pnr".into(), column: "participant".into() };
        let inferred = vec![
            Inferred::Encoding("cp1252"),
            column,
            Inferred::Separator(';'),
            Inferred::HeadingRow(1),
            Inferred::HeadingRow(4),
        ];
        let controller = vec![warning(ValidationRule::Forgotten)];
        let full = FileReport { sheet: Some("Mars".into()), difference, inferred, controller, ..report() };
        let said = lines(&full, false);
        let expected = TERMINAL.say(
            [
                "lists/a.xlsx, blad Mars (participation): 3 rader landade",
                "  nya 3, ändrade 2, oförändrade 0, borttagna 0",
                "  läst som: cp1252, semikolon, rubriker på rad 4; Pnr = participant",
                "  endast för den personuppgiftsansvarige:",
            ],
            [
                "lists/a.xlsx, sheet Mars (participation): 3 rows landed",
                "  new 3, changed 2, unchanged 0, withdrawn 0",
                "  read as: cp1252, semicolon, headings on row 4; Pnr = participant",
                "  for the controller only:",
            ],
        );
        assert_eq!(said[..4], expected);
        assert!(said.len() == 5 && said[4].starts_with("    ") && said[4].contains("row.forgotten"), "{said:?}");
        assert_eq!(lines(&full, true), said[..2]);
    }

    #[test]
    fn of_one_rule_in_one_column_the_first_rows_are_printed() {
        let date = |row| Finding::row(row, Some("Startdatum"), ValidationRule::Date);
        let many = u64::try_from(MOST).unwrap() + 7;
        let findings = (2..2 + many).map(date).chain([Finding::row(9, None, ValidationRule::FieldCount)]).collect();
        let report = FileReport { findings, ..report() };
        let said = told(&report, true, OF_A_LIST, Some(Path::new("fix/a.xlsx")));
        assert_eq!(said.len(), 1 + MOST + 1 + 1 + 1);
        let rest = TERMINAL.say(
            "  och 7 rader till, kolumn Startdatum [value.date]; se fix/a.xlsx",
            "  and 7 more rows, column Startdatum [value.date]; see fix/a.xlsx",
        );
        assert_eq!(said[said.len() - 2], rest);
        assert!(said[said.len() - 1].ends_with("fix/a.xlsx"));
    }
    #[test]
    fn of_a_hundred_thousand_findings_two_hundred_are_printed_and_all_are_counted() {
        let unknown = |at: usize| Finding::row(1, Some(&format!("K{at}")), ValidationRule::UnknownColumn);
        let wordings = (2..302).map(|row| Finding { more: 9, ..Finding::row(row, Some("Fråga"), ValidationRule::Wording) });
        let findings: Vec<Finding> = (0..100_000).map(unknown).chain(wordings).collect();
        let report = FileReport { findings, outcome: Outcome::Rejected, ..report() };
        for (most, left) in [(200, 99_800), (0, 100_000)] {
            let said = told(&report, false, most, Some(Path::new("fix/a.xlsx")));
            assert_eq!(said.len(), 1 + most + 2 + 1, "{:?}", said.last());
            let more = |count: usize, rule: &str| {
                TERMINAL.say(
                    format!("  och {count} anmärkningar till [{rule}]; se fix/a.xlsx"),
                    format!("  and {count} more findings [{rule}]; see fix/a.xlsx"),
                )
            };
            assert_eq!(said[1 + most..3 + most], [more(left, "column.unknown"), more(3_000, "value.wording")]);
        }
    }
}
