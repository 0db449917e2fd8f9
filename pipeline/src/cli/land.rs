//! `utfall land`.

mod object;
mod told;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clap::Args;
use indicatif::{HumanBytes, ProgressBar, ProgressState, ProgressStyle};

use self::told::Printed;
use super::places::{Form, Places, Ready};
use super::terminal::{Terminal, tell};
use super::unfinished;
use crate::catalogue::schema::Catalogue;
use crate::land::report::fixlist;
use crate::land::report::fixlist::Written;
use crate::land::report::{FileReport, Month, Outcome};
use crate::land::understand::mapping::Saved;
use crate::land::{Landing, Step};
use utfall_ground::clock::today;
use utfall_ground::error::Error;
use utfall_ground::redact::{masked, shown};
use utfall_ground::text::Message;

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
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
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
    #[command(flatten)]
    form: Form,
}

impl Land {
    pub(super) async fn run(self, places: &Places, terminal: Terminal) -> Result<(), Error> {
        let Self { files, project, month, part, map, fix_list, again, form: _ } = self;
        files.iter().try_for_each(|file| is_there(file))?;
        let asked = Asked { project, month, part, map, fix_list, again, quiet: false };
        verdict(&land(places, terminal, &files, &asked).await?)
    }
}

/// A month as it is written on the command line.
fn month(text: &str) -> Result<Month, Message> {
    Month::parse(text).ok_or_else(|| Message::new("inte en månad; skriv ÅÅÅÅ-MM", "not a month; write YYYY-MM"))
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
pub(super) async fn land(
    places: &Places,
    terminal: Terminal,
    files: &[PathBuf],
    asked: &Asked,
) -> Result<Vec<FileReport>, Error> {
    let catalogue = places.catalogue()?;
    let Ready { store, key, ledger } = places.ready(&catalogue, terminal).await?;
    let saved = asked.map.as_deref().map_or(Ok(Saved::default()), |path| Saved::read(path, &catalogue))?;
    let project = project(&catalogue, asked, &saved)?;
    unfinished::finish(places, terminal, (&store, &ledger)).await?;
    let read = Arc::new(AtomicU64::new(0));
    let periods = crate::catalogue::register::periods(&catalogue)?;
    let landing = Landing {
        saved,
        project,
        month: asked.month,
        part: asked.part,
        again: asked.again,
        progress: &read,
        ..Landing::new(&store, &key, &catalogue, &periods, today())
    };
    let bar = terminal.progress(files.len());
    watch(&bar, files, &read);
    // A fix-list that cannot be written stops no landing; it is said when all is done.
    let (mut written, mut unwritten) = (Written::default(), None);
    let mut printed = Printed::new(&catalogue, asked.quiet, terminal);
    let reports = landing
        .land(files, |step| match step {
            Step::Begins(path) => bar.set_message(shown(path)),
            Step::Done(report) => {
                bar.inc(1);
                let folder = asked.fix_list.as_deref();
                let fix_list =
                    folder.map_or(Ok(None), |folder| fixlist::write(folder, report, &catalogue, terminal.lang(), &mut written));
                let fix_list = fix_list.unwrap_or_else(|e| {
                    unwritten = Some(e);
                    None
                });
                object::told(report, fix_list.as_ref());
                let book = fix_list.as_ref().map(|[book, _]| book.as_path());
                let lines = printed.lines(report, book);
                bar.suspend(|| lines.iter().for_each(|line| tell!(terminal, "{line}")));
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
            "project-twice",
            Message::new(
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
            "no-such-file",
            Message::new(
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
        let slug = masked(slug);
        let known = list.map(|l| l.entries.iter().map(|e| e.code.as_str()).collect::<Vec<_>>().join(", ")).unwrap_or_default();
        Error::usage(
            "unknown-project",
            Message::new(
                format!("inget projekt `{slug}` i registret; där finns: {known}"),
                format!("no project `{slug}` in the register; known: {known}"),
            ),
        )
    })
}

/// Exit code 3 if anybody has something to mend.
pub(super) fn verdict(reports: &[FileReport]) -> Result<(), Error> {
    let rejected = reports.iter().filter(|r| r.outcome == Outcome::Rejected).count();
    let defective = reports.iter().filter(|r| r.is_defective()).count();
    if defective == 0 {
        return Ok(());
    }
    Err(Error::defective(
        "defective-files",
        Message::new(
            format!("filer med något att rätta: {defective}, varav avvisade: {rejected}; rätta enligt listan och kör igen"),
            format!(
                "files with something to mend: {defective}, of these rejected: {rejected}; mend what the list says and run again"
            ),
        ),
    ))
}
