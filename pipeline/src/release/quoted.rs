//! The archived releases on whose numbers tables of another one stand: found beside the ledger, and held against it. They are paid
//! for, so nothing here costs anything.

use std::collections::BTreeMap;
use std::path::Path;

use utfall_privacy::{Release, ReleaseId};

use super::contents::{self, contents};
use super::described::declared;
use super::identity::{asks_the_same, identity};
use super::{Archived, CheckedRelease};
use crate::catalogue::schema::Catalogue;
use crate::engine::Engine;
use crate::store::Store;
use crate::store::ledger::FileLedger;
use utfall_ground::error::Error;
use utfall_ground::text::Message;
use utfall_publish::{Description, Quotation};

/// The archived releases on whose numbers tables stand, by name.
pub(super) type Ids = BTreeMap<String, ReleaseId>;

/// The name of the error that what is quoted is not archived.
pub(super) const MISSING: &str = "quotation-missing";

/// Of each release that a checked one quotes, the archived one that its own page shows: what is declared now if that is archived, else
/// the newest of its name, if that counts what is declared now.
///
/// # Errors
/// Names the first of which there is none; or when an archive cannot be read.
pub async fn shown(
    engine: &Engine,
    catalogue: &Catalogue,
    (store, ledger): (&Store, &FileLedger),
    checked: &CheckedRelease,
) -> Result<Vec<Release>, Error> {
    let mut all = Vec::new();
    for of in checked.quoted.values() {
        let shown = shown_of(engine, catalogue, (store, ledger), of).await?;
        all.push(shown.ok_or_else(|| missing(checked, of))?);
    }
    Ok(all)
}

/// The releases that a checked one quotes and that are not archived as they are declared now.
///
/// # Errors
/// When an archive cannot be read.
pub async fn missing_of<'c>(
    engine: &Engine,
    catalogue: &Catalogue,
    (store, ledger): (&Store, &FileLedger),
    checked: &'c CheckedRelease,
) -> Result<Vec<&'c CheckedRelease>, Error> {
    let mut missing = Vec::new();
    for of in checked.quoted.values() {
        if shown_of(engine, catalogue, (store, ledger), of).await?.is_none() {
            missing.push(of);
        }
    }
    Ok(missing)
}

async fn shown_of(
    engine: &Engine,
    catalogue: &Catalogue,
    (store, ledger): (&Store, &FileLedger),
    of: &CheckedRelease,
) -> Result<Option<Release>, Error> {
    let pinned = super::newest(catalogue, store, of).await?;
    let id = identity(engine, catalogue, (store, ledger), &pinned, of).await?;
    let archived = match ledger.archived(id) {
        Some(_) => Some(opened(store.root(), ledger, id)?),
        None => newest(store.root(), ledger, &of.release.name)?,
    };
    let Some((release, description)) = archived else { return Ok(None) };
    let now = declared(catalogue, of, store.is_demonstration(), &[])?;
    let own = Description { tables: description.own().cloned().collect(), ..description };
    Ok((asks_the_same(&own, of) && own.in_words_of(&now).is_some()).then_some(release))
}

/// The newest archived release of a name, unless that is a series.
fn newest(data: &Path, ledger: &FileLedger, name: &str) -> Result<Option<(Release, Description)>, Error> {
    let newest = contents(data, ledger)?.into_iter().rfind(|of| of.says.declared.name == name);
    newest.filter(|of| of.says.series.is_none()).map(|of| opened(data, ledger, of.id)).transpose()
}

/// An archived release, as the ledger has recorded it.
fn opened(data: &Path, ledger: &FileLedger, id: ReleaseId) -> Result<(Release, Description), Error> {
    let release = contents::opened(data, ledger, &id)?;
    let description = Description::from_json(release.description())?;
    Ok((release, description))
}

/// The archived releases on whose numbers the tables of a description stand, which then says so: those that it says, or one of these
/// that is published beside it under the same name and asks the same, so that pages that are published together show the same numbers.
///
/// # Errors
/// When one of them is not in the ledger, or its archive not as it was recorded.
pub fn recorded(data: &Path, ledger: &FileLedger, words: &mut Description, beside: &[Archived]) -> Result<Vec<Release>, Error> {
    let mut shown: BTreeMap<String, Release> = BTreeMap::new();
    for Quotation { release: name, id, .. } in words.quotations() {
        let known = id.parse().ok().filter(|known| ledger.archived(*known).is_some()).ok_or_else(|| unknown(words, id))?;
        let (release, description) = opened(data, ledger, known)?;
        let release = match newer(beside, &description)? {
            Some(id) => opened(data, ledger, id)?.0,
            None => release,
        };
        shown.insert(name.clone(), release);
    }
    for quoted in words.tables.iter_mut().filter_map(|table| table.quotes.as_mut()) {
        quoted.id = shown.get(&quoted.release).map_or_else(String::new, |release| release.id().to_string());
    }
    Ok(shown.into_values().collect())
}

/// Of releases that are published together, the one that has the name of an archived one and asks the same.
fn newer(beside: &[Archived], archived: &Description) -> Result<Option<ReleaseId>, Error> {
    for release in beside.iter().filter_map(|known| known.releases().last()) {
        let description = Description::from_json(release.description())?;
        if description.name == archived.name {
            let asks_the_same = description.asked.is_some() && description.asked == archived.asked;
            let fits = asks_the_same && description.in_words_of(archived).is_some();
            return Ok(fits.then(|| release.id()));
        }
    }
    Ok(None)
}

fn unknown(words: &Description, id: &str) -> Error {
    Error::storage(
        "quotation-unknown",
        Message::new(
            format!("release {id}, som citeras, finns inte i huvudboken; kör utfall release {}", words.name),
            format!("release {id}, which is quoted, is not in the ledger; run utfall release {}", words.name),
        ),
    )
}

/// That what is quoted is not archived.
pub fn missing(checked: &CheckedRelease, of: &CheckedRelease) -> Error {
    let (name, quoted) = (&checked.release.name, &of.release.name);
    Error::usage(
        MISSING,
        Message::new(
            format!(
                "{name}: den citerar {quoted}, som inte har släppts med de frågor, koder och gränser som gäller nu; kör utfall release {quoted} först"
            ),
            format!(
                "{name}: it quotes {quoted}, which has not been released with the queries, codes and bounds of now; run utfall release {quoted} first"
            ),
        ),
    )
}
