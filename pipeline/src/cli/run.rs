//! `utfall run`.

use std::path::PathBuf;

use clap::Args;

use super::inbox::Inbox;
use super::places::{Form, Names, Places, Ready};
use super::release::{How, Spends};
use super::terminal::Terminal;
use super::{land, publish, release, summary, unfinished};
use crate::catalogue::spec;
use crate::land::Outcome;
use crate::present::shown::Shown;
use crate::release::series::PeriodRequest;
use utfall_ground::error::Error;
use utfall_ground::text::Message;

/// Arguments of `utfall run`.
#[derive(Debug, Args)]
pub(super) struct Run {
    /// Folder whose files are taken in
    #[arg(long, value_name = "DIR")]
    inbox: PathBuf,
    /// Which files of the inbox are lists, by their names: '*.csv'. All other files are left aside, and each is told; a folder, a pipe or a
    /// dead link stops the run, whatever its name. May be given several times [default: all, or `pattern` below [inbox] in utfall.toml]
    #[arg(long, value_name = "PATTERN")]
    pattern: Vec<String>,
    /// Keep what --json says in a file, also of a run that failed; it tells of landing, so it is for the controller
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
    /// Spend on queries that were changed too; without this they wait for `utfall release`
    #[arg(long)]
    queries_changed: bool,
    /// Where the budget does not suffice for all that is new, make the releases that it suffices for; without this none is made
    #[arg(long)]
    what_fits: bool,
    #[command(flatten)]
    names: Names,
}

impl Run {
    /// Rejected files stop the run before any budget is spent; rows set aside do not, but the exit code tells of them.
    pub(super) async fn run(self, places: &Places, terminal: Terminal) -> Result<(), Error> {
        let pattern = if self.pattern.is_empty() { &places.configured.pattern } else { &self.pattern };
        let inbox = Inbox::look(&self.inbox, pattern)?;
        inbox.tell(terminal);
        let shown = Shown::look(&places.out)?;
        shown.accept(&places.ledger()?, &self.names.all(places)?)?;
        let Ready { store, ledger, .. } = places.ready(&places.catalogue()?, terminal).await?;
        let mut names = unfinished::finish(places, terminal, (&store, &ledger)).await?;
        // What stands on another release is shown with it, or stays as it is published.
        names.retain(|name| spec::quoted_by(&places.queries(), name).is_empty());
        if !names.is_empty() {
            // Before other numbers take its place.
            publish::publish(places, terminal, &Names { names }).await?;
        }
        let reports = land::land(places, terminal, &inbox.files, &land::Asked { quiet: true, ..Default::default() }).await?;
        if reports.iter().any(|r| r.outcome == Outcome::Rejected) {
            return land::verdict(&reports);
        }
        let spends = Spends::OnNews { queries: self.queries_changed, what_fits: self.what_fits };
        let how = How { asked: &PeriodRequest::default(), quiet: true, spends, approved: &[] };
        release::release(places, terminal, &self.names, how).await?;
        land::verdict(&reports)
    }

    /// Keeps the summary in a file, if one is named: among the lists it would be taken for one, and what is published tells nothing of
    /// landing.
    pub(super) fn keep_summary(&self, places: &Places) -> Result<(), Error> {
        let Some(file) = &self.summary else { return Ok(()) };
        let apart = [&self.inbox, &places.out].iter().all(|folder| crate::keyzone::require_separate(file, folder).is_ok());
        if apart {
            return summary::keep(file);
        }
        let shown = file.display();
        Err(Error::usage(
            "summary-place",
            Message::new(
                format!("{shown} ligger i inkorgen eller i det som publiceras; lägg sammanfattningen någon annanstans"),
                format!("{shown} lies in the inbox or in what is published; put the summary elsewhere"),
            ),
        ))
    }
}
