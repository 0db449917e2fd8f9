//! `utfall publish`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::places::{Names, Places};
use super::release::{self, Announcement};
use super::terminal::Terminal;
use crate::present::codelists;
use crate::present::publication::{self, described};
use crate::present::shown::{self, Shown};
use crate::release::{Archived, History};
use crate::store::ledger::FileLedger;
use utfall_ground::error::Error;
use utfall_ground::text::Message;
use utfall_publish::Imprint;

/// Arguments of `utfall publish`.
#[derive(Debug, Args)]
pub(super) struct Publish {
    #[command(flatten)]
    names: Names,
    /// Copy the whole site to this folder too, such as a web server's: a reader sees it as it was or as it is. It becomes a link to a
    /// folder beside it, so others must be able to read that
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

impl Publish {
    pub(super) async fn run(self, places: &Places, terminal: Terminal) -> Result<(), Error> {
        self.to.as_deref().map_or(Ok(()), |to| apart(places, to))?;
        publish(places, terminal, &self.names).await?;
        let Some(to) = self.to else { return Ok(()) };
        let copied = utfall_publish::mirror(&places.out, &to).map_err(shown::failed)?;
        let (files, shown) = (copied.files, to.display());
        let told = match copied.changed {
            true => terminal.say(format!("{files} filer publicerade"), format!("{files} files published")),
            false => terminal.say("oförändrad".to_owned(), "unchanged".to_owned()),
        };
        println!("{shown}: {told}");
        Ok(())
    }
}

/// Refuses to copy the site to where data or keys are, or into itself.
fn apart(places: &Places, to: &Path) -> Result<(), Error> {
    places.require_apart(to, "--to")?;
    crate::keyzone::require_separate(to, &places.out).map_err(|_| {
        let shown = to.display();
        Error::usage(
            "to-not-apart",
            Message::new(
                format!("{shown} ligger i den katalog som kopieras, eller den i {shown}; välj en annan med --to"),
                format!("{shown} lies in the folder that is copied, or that in {shown}; choose another with --to"),
            ),
        )
    })
}

/// The name under which a release, or a series, is published.
fn name(archived: &Archived) -> Result<String, Error> {
    let empty = || {
        Error::storage(
            "archive-empty",
            Message::new("en serie utan perioder i arkivet", "a series without periods in the archive"),
        )
    };
    described(archived.releases().last().ok_or_else(empty)?).map(|description| description.name)
}

/// That nothing is archived under a name, or under any.
pub(super) fn not_archived(name: Option<&str>) -> Error {
    let message = match name {
        Some(name) => Message::new(
            format!("ingen arkiverad release `{name}`; gör en med `utfall release {name}`"),
            format!("no archived release `{name}`; make one with `utfall release {name}`"),
        ),
        None => Message::new(
            "ingenting är arkiverat än; gör en release med `utfall release`",
            "nothing is archived yet; make a release with `utfall release`",
        ),
    };
    Error::usage("not-archived", message)
}

/// Writes the pages of the whole site, once the releases are published: they say what the ledger says now. Nothing where none is shown.
pub(super) fn site(places: &Places, imprint: Imprint<'_>, ledger: &FileLedger) -> Result<(), Error> {
    if !utfall_publish::shows_any(&places.out) {
        return Ok(());
    }
    let account = History::read(&places.data, ledger)?.account(ledger);
    // Published pages can be shown where no schemas are: then the lists that are there stay.
    let has_schemas = places.schemas().is_dir();
    let codelists = has_schemas.then(|| codelists::file(&places.catalogue()?)).transpose()?;
    let imprint = Imprint { account: Some(&account), codelists: codelists.as_deref(), ..imprint };
    utfall_publish::publish_site(imprint, &places.out).map_err(shown::failed)?;
    Ok(())
}

/// Publishes archived releases again.
pub(super) async fn publish(places: &Places, terminal: Terminal, names: &Names) -> Result<(), Error> {
    places.store(terminal)?;
    let shown = Shown::look(&places.out)?;
    let ledger = places.ledger()?;
    let (all, mut archived) = (crate::release::archived(&places.data, &ledger)?, Vec::new());
    for release in &all {
        let name = name(release)?;
        if names.names.is_empty() || names.names.contains(&name) {
            archived.push((name, release));
        }
    }
    let found: Vec<String> = archived.iter().map(|(name, _)| name.clone()).collect();
    shown.accept(&ledger, &found)?;
    if let Some(missing) = names.names.iter().find(|name| !found.contains(name)) {
        return Err(not_archived(Some(missing)));
    }
    if found.is_empty() {
        return Err(not_archived(None));
    }
    shown::ready(&places.out, &found)?;
    let (history, imprint) = (History::read(&places.data, &ledger)?, places.imprint()?);
    for (name, archived) in &archived {
        let (presented, quoted) = publication::archived(archived, &places.data, &ledger, &all).await?;
        let source = history.source(name, archived.releases(), &quoted);
        let told = Announcement::from_the_archive(terminal);
        release::publish(places, terminal, &presented, (&source, imprint.as_ref()), told)?;
    }
    site(places, imprint.as_ref(), &ledger)
}
