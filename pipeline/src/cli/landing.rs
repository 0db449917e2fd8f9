//! `utfall demo` and `utfall land`.

use std::path::PathBuf;

use clap::Args;

use super::{Places, progress};
use crate::error::Error;
use crate::key::Key;
use crate::land::finding::Severity;
use crate::land::{FileReport, Landing, Outcome};
use crate::language::say;
use crate::store::Store;

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
        let reports = land(places, &self.files, self.project.as_deref()).await?;
        for report in &reports {
            print(report, false);
        }
        verdict(&reports)
    }
}

/// Lands files into the store of these places.
pub(super) async fn land(places: &Places, files: &[PathBuf], project: Option<&str>) -> Result<Vec<FileReport>, Error> {
    let catalogue = places.catalogue()?;
    let store = Store::open(&places.data)?;
    let key = Key::read(&places.keys()?, &places.data)?;
    store.accept_key(&key)?;
    let project = project.map(|slug| known_project(&catalogue, slug)).transpose()?;
    let today = chrono::DateTime::from_timestamp(i64::try_from(crate::release::now()).unwrap_or_default(), 0);
    let today = today.unwrap_or_default().date_naive();
    let landing = Landing { store: &store, key: &key, catalogue: &catalogue, project, today };
    let bar = progress(files.len());
    let reports = landing
        .land(files, |path| {
            bar.set_message(path.display().to_string());
            bar.inc(1);
        })
        .await;
    bar.finish_and_clear();
    reports
}

fn known_project(catalogue: &crate::schema::Catalogue, slug: &str) -> Result<i16, Error> {
    let list = catalogue.codes("project");
    list.and_then(|l| l.find(slug)).map(|e| e.id).ok_or_else(|| {
        let known = list.map(|l| l.entries.iter().map(|e| e.code.as_str()).collect::<Vec<_>>().join(", "));
        Error::usage(format!("no project `{slug}` in the register; known: {}", known.unwrap_or_default()))
    })
}

/// One line per file, and below it what is to mend. `quiet` leaves out files that had landed before and warnings.
pub(super) fn print(report: &FileReport, quiet: bool) {
    let what = match report.outcome {
        Outcome::Landed(rows) => say(format!("{rows} rader landade"), format!("{rows} rows landed")),
        Outcome::Known => say("har landat tidigare, inget ändrat", "landed before, nothing changed").to_owned(),
        Outcome::Rejected => say("avvisad, inget landade", "rejected, nothing landed").to_owned(),
    };
    if !(quiet && report.outcome == Outcome::Known) {
        let table = report.table.as_deref().map(|t| format!(" ({t})")).unwrap_or_default();
        println!("{}{table}: {what}", report.path.display());
    }
    for finding in report.findings.iter().filter(|f| f.severity < Severity::Warning) {
        println!("  {finding}");
    }
    if quiet {
        return;
    }
    // Warnings are told once per rule and column, with the first row and how many there are.
    let mut told: Vec<(&crate::land::finding::Finding, usize)> = Vec::new();
    for finding in report.findings.iter().filter(|f| f.severity == Severity::Warning) {
        match told.iter_mut().find(|(f, _)| f.rule == finding.rule && f.column == finding.column) {
            Some((_, count)) => *count += 1,
            None => told.push((finding, 1)),
        }
    }
    for (finding, count) in told {
        let more = if count > 1 {
            say(format!(" (och {} rader till)", count - 1), format!(" (and {} more rows)", count - 1))
        } else {
            String::new()
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
        format!("{defective} filer har något att rätta ({rejected} avvisade); rätta enligt listan och kör igen"),
        format!("{defective} files have something to mend ({rejected} rejected); mend what the list says and run again"),
    )))
}
