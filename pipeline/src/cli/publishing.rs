//! `utfall publish`.

use super::Places;
use super::out::{self, Shown};
use super::releasing::{Names, from_the_archive, publication, together, written};
use crate::release::{self, Archived};
use utfall_ground::error::Error;
use utfall_publish::Source;
use utfall_publish::{Description, Publication};

/// What is archived under one name, ready for any format.
async fn from_archive(archived: &Archived) -> Result<Publication, Error> {
    match archived {
        Archived::Release(release) => publication(release).await,
        Archived::Series(periods) => Ok(together(periods).await?.0),
    }
}

/// The name under which a release, or a series, is published.
fn name(archived: &Archived) -> Result<String, Error> {
    let newest = archived.releases().last().ok_or_else(|| Error::storage("usage", "a series without periods"))?;
    Description::from_json(newest.description()).map(|d| d.name).map_err(|e| Error::storage("usage", e.to_string()))
}

/// Publishes archived releases again.
pub(super) async fn publish(places: &Places, names: &Names) -> Result<(), Error> {
    places.store()?;
    let shown = Shown::look(places)?;
    let ledger = places.ledger()?;
    let mut archived = Vec::new();
    for release in release::archived(&places.data, &ledger)? {
        let name = name(&release)?;
        if names.names.is_empty() || names.names.contains(&name) {
            archived.push((name, release));
        }
    }
    let found: Vec<String> = archived.iter().map(|(name, _)| name.clone()).collect();
    shown.accept(places, &ledger, &found)?;
    if let Some(missing) = names.names.iter().find(|n| !found.contains(n)) {
        return Err(Error::usage("usage", format!("no archived release `{missing}`; make one with `utfall release {missing}`")));
    }
    if found.is_empty() {
        return Err(Error::usage("usage", "nothing is archived yet; make a release with `utfall release`"));
    }
    out::ready(places, &found)?;
    for (_, release) in &archived {
        let publication = from_archive(release).await?;
        let source = Source::of(ledger.head().ledger, release.releases());
        written(places, (&publication, &source), from_the_archive(), false)?;
    }
    Ok(())
}
