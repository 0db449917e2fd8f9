//! `utfall demo` and `utfall land`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clap::Args;
use indicatif::{HumanBytes, ProgressBar, ProgressState, ProgressStyle};

use super::{Places, progress, unfinished};
use crate::catalogue::schema::Catalogue;
use crate::land::finding::{Finding, Rule, Severity};
use crate::land::report::fixlist;
use crate::land::report::fixlist::Written;
use crate::land::report::{FileReport, Inferred, Month, Outcome, grouped};
use crate::land::understand::mapping::Saved;
use crate::land::{Landing, Step};
pub(super) use utfall_ground::clock::today;
use utfall_ground::error::Error;
use utfall_ground::language::{current, say};
use utfall_ground::redact::{masked, shown};

/// Arguments of `utfall demo`.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Folder to write the lists into
    dir: PathBuf,
    /// Another seed gives other people with the same totals
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Demo {
    pub(super) fn run(self) -> Result<(), Error> {
        let files = crate::demo::write(&self.dir, self.seed).map_err(|e| Error::writing(&self.dir, e))?;
        for file in files {
            println!("{}", file.display());
        }
        Ok(())
    }
}

/// Of one rule in one column, so many rows are printed; a list with more has one cause to mend.
const MOST: usize = 50;
/// So many lines of findings are printed of one list, and about so many of all lists of a call; what is left is counted, rule
/// by rule. A list may have a hundred thousand columns, each with a finding of its own.
const PRINTED: (usize, usize) = (200, 2_000);

/// Arguments of `utfall land`.
#[derive(Debug, Args)]
pub(super) struct Land {
    /// Lists to take in (CSV, XLSX, ODS)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The project that the lists report. A file's name (progress-2021-03.csv), a title or a mapping can say it too
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// The month that the lists report; takes the place of what the project that was said reported for it before
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<Month>,
    /// The lists are parts of a month's report: they add and correct, and replace nothing
    #[arg(long)]
    part: bool,
    /// A saved mapping of headings, made by utfall map
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Write a fix-list per defective file, as XLSX for the project's office and as JSON
    #[arg(long, value_name = "DIR")]
    fix_list: Option<PathBuf>,
    /// Land lists that have landed before: to go back to what another list has replaced since
    #[arg(long)]
    again: bool,
}

impl Land {
    pub(super) async fn run(self, places: &Places) -> Result<(), Error> {
        let Self { files, project, month, part, map, fix_list, again } = self;
        files.iter().try_for_each(|file| is_there(file))?;
        let asked = Asked { project, month, part, map, fix_list, again, quiet: false };
        verdict(&land(places, &files, &asked).await?)
    }
}

/// How files are to land and what is told of it.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// The project that the files report.
    pub(super) project: Option<String>,
    /// The month that the files report.
    pub(super) month: Option<Month>,
    /// Whether the files are parts of reports.
    pub(super) part: bool,
    /// A saved mapping of headings.
    pub(super) map: Option<PathBuf>,
    /// Where fix-lists go.
    pub(super) fix_list: Option<PathBuf>,
    /// Whether lists land that have landed before.
    pub(super) again: bool,
    /// Leave out what changed nothing.
    pub(super) quiet: bool,
}

/// Lands files into the store of these places, writes their fix-lists and prints what came of each.
pub(super) async fn land(places: &Places, files: &[PathBuf], asked: &Asked) -> Result<Vec<FileReport>, Error> {
    let catalogue = places.catalogue()?;
    let (store, key) = places.ready(&catalogue).await?;
    let saved = asked.map.as_deref().map_or(Ok(Saved::default()), |path| Saved::read(path, &catalogue))?;
    let project = project(&catalogue, asked, &saved)?;
    unfinished::finish(places, &store).await?;
    let periods = crate::catalogue::register::periods(&catalogue)?;
    let read = Arc::new(AtomicU64::new(0));
    let landing = Landing {
        saved,
        project,
        month: asked.month,
        part: asked.part,
        again: asked.again,
        progress: &read,
        ..Landing::new(&store, &key, &catalogue, &periods, today())
    };
    let bar = progress(files.len());
    watch(&bar, files, &read);
    // A fix-list that cannot be written stops no landing; it is said when all is done.
    let (mut written, mut unwritten, mut left) = (Written::default(), None, PRINTED.1);
    let reports = landing
        .land(files, |step| match step {
            Step::Begins(path) => bar.set_message(shown(path)),
            Step::Done(report) => {
                bar.inc(1);
                let folder = asked.fix_list.as_deref();
                let fix_list =
                    folder.map_or(Ok(None), |folder| fixlist::write(folder, report, &catalogue, current(), &mut written));
                let fix_list = fix_list.unwrap_or_else(|e| {
                    unwritten = Some(e);
                    None
                });
                let book = fix_list.as_ref().map(|[book, _]| book.as_path());
                let lines = told(report, (asked.quiet, left.min(PRINTED.0)), book, &catalogue);
                left = left.saturating_sub(lines.len());
                bar.suspend(|| lines.iter().for_each(|line| println!("{line}")));
            }
        })
        .await;
    bar.finish_and_clear();
    reports.and_then(|reports| unwritten.map_or(Ok(reports), Err))
}

/// The project of lists without such a column: as `--project` says, or the mapping.
fn project(catalogue: &Catalogue, asked: &Asked, saved: &Saved) -> Result<Option<i16>, Error> {
    let given = asked.project.as_deref().map(|slug| known_project(catalogue, slug)).transpose()?;
    let mapped = saved.project(catalogue);
    if given.zip(mapped).is_some_and(|(given, mapped)| given != mapped) {
        return Err(Error::usage(
            "usage",
            say(
                "--project och kopplingen säger olika projekt; ta bort det som är fel",
                "--project and the mapping say different projects; remove the wrong one",
            ),
        ));
    }
    Ok(given.or(mapped))
}

/// Refuses a path where nothing is before anything lands: a slip of the controller's is not the sender's to mend.
pub(super) fn is_there(path: &Path) -> Result<(), Error> {
    match std::fs::metadata(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(Error::usage(
            "usage",
            say(
                format!("{}: ingen sådan fil; inget landade", shown(path)),
                format!("{}: no such file; nothing landed", shown(path)),
            ),
        )),
        _ => Ok(()),
    }
}

/// Lets a bar tell how much of the files has been read, ten times a second: a single one can take minutes.
fn watch(bar: &ProgressBar, files: &[PathBuf], read: &Arc<AtomicU64>) {
    let all: u64 = files.iter().filter_map(|file| std::fs::metadata(file).ok()).map(|m| m.len()).sum();
    let read = Arc::clone(read);
    let told = move |_: &ProgressState, out: &mut dyn std::fmt::Write| {
        let _ = write!(out, "{} / {}", HumanBytes(read.load(Ordering::Relaxed)), HumanBytes(all));
    };
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {read} {msg}") {
        bar.set_style(style.with_key("read", told));
        bar.enable_steady_tick(Duration::from_millis(100));
    }
}

pub(super) fn known_project(catalogue: &Catalogue, slug: &str) -> Result<i16, Error> {
    let list = catalogue.codes("project");
    list.and_then(|l| l.find(slug)).map(|e| e.id).ok_or_else(|| {
        let known = list.map(|l| l.entries.iter().map(|e| e.code.as_str()).collect::<Vec<_>>().join(", ")).unwrap_or_default();
        Error::usage(
            "usage",
            say(
                format!("inget projekt `{slug}` i registret; där finns: {known}"),
                format!("no project `{slug}` in the register; known: {known}"),
            ),
        )
    })
}

/// What is printed of a file: a line of its own, and below it the counts, how it was read, and what is to mend, in so many lines
/// at most.
fn told(report: &FileReport, (quiet, most): (bool, usize), book: Option<&Path>, catalogue: &Catalogue) -> Vec<String> {
    let mut lines = Vec::new();
    if !(quiet && report.outcome == Outcome::Known && !report.is_defective()) {
        let table = report.table.as_deref().map(|t| format!(" ({t})")).unwrap_or_default();
        lines.push(format!("{}{table}: {}", report.name(current()), report.outcome.shown(current())));
    }
    lines.extend(report.difference.filter(|d| d.is_telling()).map(|d| format!("  {}", d.shown(current()))));
    if !quiet {
        lines.extend(read_as(report, catalogue));
    }
    let place = book.map_or_else(
        || say("; --fix-list DIR skriver dem till en fil", "; --fix-list DIR writes them to a file").to_owned(),
        |book| format!("; {} {}", say("se", "see"), shown(book)),
    );
    lines.extend(findings(&report.findings, (quiet, most), &place));
    // These are in no file.
    let controller = findings(&report.controller, (quiet, most), "");
    if !controller.is_empty() {
        lines.push(format!("  {}:", say("endast för den personuppgiftsansvarige", "for the controller only")));
        lines.extend(controller.into_iter().map(|line| format!("  {line}")));
    }
    lines.extend(book.map(|book| format!("  {}: {}", say("rättelselista", "fix-list"), shown(book))));
    lines
}

/// How the file was read, in one line, without what is as the schema has it.
fn read_as(report: &FileReport, catalogue: &Catalogue) -> Option<String> {
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
    let parts = [form, columns].map(|part| part.iter().map(|one| one.shown(current())).collect::<Vec<_>>().join(", "));
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| format!("  {}: {}", say("läst som", "read as"), parts.join("; ")))
}

/// A line of findings: what it says, of how many, and by which rule.
struct Line<'a> {
    text: String,
    count: usize,
    rule: &'a Rule,
}

/// What is to mend, row by row, and warnings once per rule and column with the first row and how many there are; no more lines
/// than so many, and then how many more there are of each rule.
fn findings(findings: &[Finding], (quiet, most): (bool, usize), place: &str) -> Vec<String> {
    let (warnings, defects): (Vec<&Finding>, Vec<&Finding>) = findings.iter().partition(|f| f.severity == Severity::Warning);
    let mut lines = first(&defects, place);
    // What a list replaced, and that nobody said whose it is, is news also where nobody watches.
    for (finding, count) in grouped(warnings) {
        if !quiet || finding.rule.name().starts_with("month.") {
            let more = if count > 1 { format!(" ({})", and_more(count - 1)) } else { String::new() };
            lines.push(Line { text: format!("  {}{more}", finding.shown(current())), count, rule: &finding.rule });
        }
    }
    let mut left: Vec<(&'static str, usize)> = Vec::new();
    for line in lines.drain(most.min(lines.len())..) {
        match left.iter_mut().find(|(rule, _)| *rule == line.rule.name()) {
            Some((_, count)) => *count += line.count,
            None => left.push((line.rule.name(), line.count)),
        }
    }
    let left = left.into_iter().map(|(rule, count)| format!("  {} [{rule}]{place}", and_more_findings(count)));
    lines.into_iter().map(|line| line.text).chain(left).collect()
}

/// The first [`MOST`] of each rule and column in order of rows, then how many more there are and in what place.
fn first<'a>(defects: &[&'a Finding], place: &str) -> Vec<Line<'a>> {
    let groups = grouped(defects.iter().copied());
    let many: Vec<_> = groups.into_iter().filter(|(_, count)| *count > MOST).collect();
    let mut left = vec![MOST; many.len()];
    let mut lines = Vec::new();
    for finding in defects {
        let group = many.iter().position(|(f, _)| f.rule == finding.rule && f.column == finding.column);
        match group.and_then(|group| left.get_mut(group)) {
            Some(0) => continue,
            Some(left) => *left -= 1,
            None => {}
        }
        lines.push(Line { text: format!("  {}", finding.shown(current())), count: 1, rule: &finding.rule });
    }
    for ((finding, count), left) in many.into_iter().zip(left) {
        let column = finding.column.as_ref().map(|c| format!(", {} {}", say("kolumn", "column"), masked(c))).unwrap_or_default();
        let count = count - (MOST - left);
        let text = format!("  {}{column} [{}]{place}", and_more(count), finding.rule.name());
        lines.push(Line { text, count, rule: &finding.rule });
    }
    lines
}

/// So many findings of a rule that are not printed, in rows or in columns.
fn and_more_findings(count: usize) -> String {
    match count {
        1 => say("och 1 anmärkning till", "and 1 more finding").to_owned(),
        n => say(format!("och {n} anmärkningar till"), format!("and {n} more findings")),
    }
}

/// So many rows that are not printed.
fn and_more(rows: usize) -> String {
    match rows {
        1 => say("och 1 rad till", "and 1 more row").to_owned(),
        n => say(format!("och {n} rader till"), format!("and {n} more rows")),
    }
}

/// Exit code 3 if anybody has something to mend.
pub(super) fn verdict(reports: &[FileReport]) -> Result<(), Error> {
    let rejected = reports.iter().filter(|r| r.outcome == Outcome::Rejected).count();
    let defective = reports.iter().filter(|r| r.is_defective()).count();
    if defective == 0 {
        return Ok(());
    }
    Err(Error::defective(
        "delivery",
        say(
            format!("filer med något att rätta: {defective}, varav avvisade: {rejected}; rätta enligt listan och kör igen"),
            format!(
                "files with something to mend: {defective}, of these rejected: {rejected}; mend what the list says and run again"
            ),
        ),
    ))
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

    fn warning(rule: Rule) -> Finding {
        Finding::row(2, None, rule)
    }

    fn lines(report: &FileReport, quiet: bool) -> Vec<String> {
        told(report, (quiet, PRINTED.0), None, &Catalogue::default())
    }

    #[test]
    fn a_list_that_is_as_it_must_be_is_one_line() {
        let mut new = report();
        new.difference = Some(Difference { new: 3, ..Difference::default() });
        assert_eq!(
            lines(&new, false),
            [say("lists/a.xlsx (participation): 3 rader landade", "lists/a.xlsx (participation): 3 rows landed")]
        );
        let known = FileReport { outcome: Outcome::Known, findings: vec![warning(Rule::KnownRow)], ..report() };
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
        let controller = vec![warning(Rule::Forgotten)];
        let full = FileReport { sheet: Some("Mars".into()), difference, inferred, controller, ..report() };
        let said = lines(&full, false);
        let expected = say(
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
        let date = |row| Finding::row(row, Some("Startdatum"), Rule::Date);
        let many = u64::try_from(MOST).unwrap() + 7;
        let findings = (2..2 + many).map(date).chain([Finding::row(9, None, Rule::FieldCount)]).collect();
        let report = FileReport { findings, ..report() };
        let said = told(&report, (true, PRINTED.0), Some(Path::new("fix/a.xlsx")), &Catalogue::default());
        assert_eq!(said.len(), 1 + MOST + 1 + 1 + 1);
        let rest = say(
            "  och 7 rader till, kolumn Startdatum [value.date]; se fix/a.xlsx",
            "  and 7 more rows, column Startdatum [value.date]; see fix/a.xlsx",
        );
        assert_eq!(said[said.len() - 2], rest);
        assert!(said[said.len() - 1].ends_with("fix/a.xlsx"));
    }
    #[test]
    fn of_a_hundred_thousand_findings_two_hundred_are_printed_and_all_are_counted() {
        let unknown = |at: usize| Finding::row(1, Some(&format!("K{at}")), Rule::UnknownColumn);
        let wordings = (2..302).map(|row| Finding { more: 9, ..Finding::row(row, Some("Fråga"), Rule::Wording) });
        let findings: Vec<Finding> = (0..100_000).map(unknown).chain(wordings).collect();
        let report = FileReport { findings, outcome: Outcome::Rejected, ..report() };
        for (most, left) in [(200, 99_800), (0, 100_000)] {
            let said = told(&report, (false, most), Some(Path::new("fix/a.xlsx")), &Catalogue::default());
            assert_eq!(said.len(), 1 + most + 2 + 1, "{:?}", said.last());
            let more = |count: usize, rule: &str| {
                say(
                    format!("  och {count} anmärkningar till [{rule}]; se fix/a.xlsx"),
                    format!("  and {count} more findings [{rule}]; see fix/a.xlsx"),
                )
            };
            assert_eq!(said[1 + most..3 + most], [more(left, "column.unknown"), more(3_000, "value.wording")]);
        }
    }
}
