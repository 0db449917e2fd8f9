//! `utfall demo` and `utfall land`.

use std::path::PathBuf;

use clap::Args;

use super::{Places, progress};
use crate::error::Error;
use crate::key::Key;
use crate::land::finding::{Finding, Severity, shown};
use crate::land::{FileReport, Landing, Outcome, Step};
use crate::language::say;

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
        let files = crate::demo::write(&self.dir, self.seed).map_err(|e| Error::writing(&self.dir, &e))?;
        for file in files {
            println!("{}", file.display());
        }
        Ok(())
    }
}

/// Arguments of `utfall land`.
#[derive(Debug, Args)]
pub(super) struct Land {
    /// Lists to take in (CSV)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The project of files that have no project column
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
}

impl Land {
    pub(super) async fn run(self, places: &Places) -> Result<(), Error> {
        verdict(&land(places, &self.files, self.project.as_deref(), false).await?)
    }
}

/// Lands files into the store of these places and prints what came of each; `quiet` leaves out what changed nothing.
pub(super) async fn land(
    places: &Places,
    files: &[PathBuf],
    project: Option<&str>,
    quiet: bool,
) -> Result<Vec<FileReport>, Error> {
    let catalogue = places.catalogue()?;
    let (store, key) = (places.store()?, Key::read(&places.keys()?, &places.data)?);
    store.accept_key(&key)?;
    let project = project.map(|slug| known_project(&catalogue, slug)).transpose()?;
    let today = chrono::DateTime::from_timestamp(i64::try_from(crate::release::now()).unwrap_or_default(), 0);
    let today = today.unwrap_or_default().date_naive();
    let landing = Landing { store: &store, key: &key, catalogue: &catalogue, project, today };
    let bar = progress(files.len());
    let reports = landing
        .land(files, |step| match step {
            Step::Begins(path) => bar.set_message(shown(path)),
            Step::Done(report) => {
                bar.inc(1);
                bar.suspend(|| print(report, quiet));
            }
        })
        .await;
    bar.finish_and_clear();
    reports
}

fn known_project(catalogue: &crate::schema::Catalogue, slug: &str) -> Result<i16, Error> {
    let list = catalogue.codes("project");
    list.and_then(|l| l.find(slug)).map(|e| e.id).ok_or_else(|| {
        let known = list.map(|l| l.entries.iter().map(|e| e.code.as_str()).collect::<Vec<_>>().join(", ")).unwrap_or_default();
        Error::usage(say(
            format!("inget projekt `{slug}` i registret; där finns: {known}"),
            format!("no project `{slug}` in the register; known: {known}"),
        ))
    })
}

/// One line per file, and below it what is to mend.
fn print(report: &FileReport, quiet: bool) {
    let what = match report.outcome {
        Outcome::Landed(1) => say("1 rad landade", "1 row landed").to_owned(),
        Outcome::Landed(rows) => say(format!("{rows} rader landade"), format!("{rows} rows landed")),
        Outcome::Known => say("har landat tidigare, inget ändrat", "landed before, nothing changed").to_owned(),
        Outcome::Rejected => say("avvisad, inget landade", "rejected, nothing landed").to_owned(),
    };
    if !(quiet && report.outcome == Outcome::Known) {
        let table = report.table.as_deref().map(|t| format!(" ({t})")).unwrap_or_default();
        println!("{}{table}: {what}", shown(&report.path));
    }
    for finding in report.findings.iter().filter(|f| f.severity < Severity::Warning) {
        println!("  {finding}");
    }
    if !quiet {
        print_warnings(&report.findings);
    }
}

/// Warnings are told once per rule and column, with the first row and how many there are.
fn print_warnings(findings: &[Finding]) {
    let mut told: Vec<(&Finding, usize)> = Vec::new();
    for finding in findings.iter().filter(|f| f.severity == Severity::Warning) {
        match told.iter_mut().find(|(f, _)| f.rule == finding.rule && f.column == finding.column) {
            Some((_, count)) => *count += 1,
            None => told.push((finding, 1)),
        }
    }
    for (finding, count) in told {
        let more = match count - 1 {
            0 => String::new(),
            1 => say(" (och 1 rad till)", " (and 1 more row)").to_owned(),
            n => say(format!(" (och {n} rader till)"), format!(" (and {n} more rows)")),
        };
        println!("  {finding}{more}");
    }
}

/// Exit code 3 if anybody has something to mend.
pub(super) fn verdict(reports: &[FileReport]) -> Result<(), Error> {
    let rejected = reports.iter().filter(|r| r.outcome == Outcome::Rejected).count();
    let defective = reports.iter().filter(|r| r.is_defective()).count();
    if defective == 0 {
        return Ok(());
    }
    Err(Error::Defective(say(
        format!("filer med något att rätta: {defective}, varav avvisade: {rejected}; rätta enligt listan och kör igen"),
        format!(
            "files with something to mend: {defective}, of these rejected: {rejected}; mend what the list says and run again"
        ),
    )))
}
