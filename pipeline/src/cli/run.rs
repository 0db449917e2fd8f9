//! `utfall run`.

use std::path::PathBuf;

use clap::Args;

use super::places::{Names, Places, Ready};
use super::release::{How, Spends};
use super::terminal::Terminal;
use super::{land, publish, release, unfinished};
use crate::catalogue::spec;
use crate::land::Outcome;
use crate::present::shown::Shown;
use crate::release::series::PeriodRequest;
use utfall_ground::error::{Error, system};
use utfall_ground::redact::shown;
use utfall_ground::text::Lang::{En, Sv};
use utfall_ground::text::Message;

/// Arguments of `utfall run`.
#[derive(Debug, Args)]
pub(super) struct Run {
    /// Folder whose files are taken in
    #[arg(long, value_name = "DIR")]
    inbox: PathBuf,
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
        let files = inbox(&self.inbox)?;
        let shown = Shown::look(&places.out)?;
        shown.accept(&places.ledger()?, &self.names.all(places)?)?;
        let Ready { store, .. } = places.ready(&places.catalogue()?, terminal).await?;
        let mut names = unfinished::finish(places, terminal, &store).await?;
        // What stands on another release is shown with it, or stays as it is published.
        names.retain(|name| spec::quoted_by(&places.queries(), name).is_empty());
        if !names.is_empty() {
            // Before other numbers take its place.
            publish::publish(places, terminal, &Names { names }).await?;
        }
        let reports = land::land(places, terminal, &files, &land::Asked { quiet: true, ..Default::default() }).await?;
        if reports.iter().any(|r| r.outcome == Outcome::Rejected) {
            return land::verdict(&reports);
        }
        let spends = Spends::OnNews { queries: self.queries_changed, what_fits: self.what_fits };
        let how = How { asked: &PeriodRequest::default(), quiet: true, spends, approved: &[] };
        release::release(places, terminal, &self.names, how).await?;
        land::verdict(&reports)
    }
}

/// What lies in a folder, in order of names; what is hidden is none of ours. What is no list, or cannot be followed, such as a
/// folder or a link that leads nowhere, is rejected by landing, by name, rather than passed over: no release is paid for
/// without it.
fn inbox(folder: &std::path::Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |e: std::io::Error| {
        let (why, folder) = (system(&e), shown(folder));
        Error::usage(
            "inbox",
            Message::new(
                format!("kan inte läsa inkorgen {folder}: {}", why.get(Sv)),
                format!("cannot read the inbox {folder}: {}", why.get(En)),
            ),
        )
    };
    // What office programs, file managers and file systems leave beside the lists is none of them.
    let left = ["thumbs.db", "desktop.ini", "lost+found", "__macosx", "@eadir", "$recycle.bin", "system volume information"];
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().to_lowercase();
        if !name.starts_with(['.', '~']) && !left.contains(&name.as_str()) {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}
