//! The archived releases on whose numbers tables of another one stand: found beside the ledger, and held against it. They are paid
//! for, so nothing here costs anything.

use std::collections::BTreeMap;
use std::path::Path;

use utfall_privacy::{Event, Release, ReleaseId};

use super::described::declared;
use super::identity::asks_the_same;
use super::{CheckedRelease, lost};
use crate::catalogue::schema::Catalogue;
use crate::store::Store;
use crate::store::archive::Archive;
use crate::store::ledger::FileLedger;
use utfall_ground::error::Error;
use utfall_ground::text::Message;
use utfall_publish::Description;

/// The archived releases on whose numbers tables stand, by name.
pub(super) type Ids = BTreeMap<String, ReleaseId>;

/// Of each release that a checked one quotes, the newest that is archived and counts what is declared now.
///
/// # Errors
/// Names the first of which there is none; or when an archive cannot be read.
pub fn newest(
    catalogue: &Catalogue,
    store: &Store,
    ledger: &FileLedger,
    checked: &CheckedRelease,
) -> Result<Vec<Release>, Error> {
    checked.quoted.values().map(|of| newest_of(catalogue, store, ledger, of)?.ok_or_else(|| missing(checked, of))).collect()
}

/// The releases that a checked one quotes and that are not archived as they are declared now.
///
/// # Errors
/// When an archive cannot be read.
pub fn missing_of<'c>(
    catalogue: &Catalogue,
    store: &Store,
    ledger: &FileLedger,
    checked: &'c CheckedRelease,
) -> Result<Vec<&'c CheckedRelease>, Error> {
    let mut missing = Vec::new();
    for of in checked.quoted.values() {
        if newest_of(catalogue, store, ledger, of)?.is_none() {
            missing.push(of);
        }
    }
    Ok(missing)
}

fn newest_of(catalogue: &Catalogue, store: &Store, ledger: &FileLedger, of: &CheckedRelease) -> Result<Option<Release>, Error> {
    let (archive, now) = (Archive::new(store.root()), declared(catalogue, of, store.is_demonstration(), &[])?);
    for entry in ledger.entries().iter().rev() {
        let Event::Archived { release, .. } = entry.event() else { continue };
        let bytes = archive.get(release)?.ok_or_else(|| lost(release))?;
        let sealed = ledger.release(&bytes)?;
        let description = Description::from_json(sealed.description())?;
        let is_it = description.name == of.release.name && description.series.is_none();
        let own = Description { tables: description.own().cloned().collect(), ..description.clone() };
        if is_it && asks_the_same(&own, of) && own.in_words_of(&now).is_some() {
            return Ok(Some(sealed));
        }
    }
    Ok(None)
}

/// The archived releases that a description says its tables stand on.
///
/// # Errors
/// When one of them is not in the ledger, or its archive not as it was recorded.
pub fn recorded(data: &Path, ledger: &FileLedger, description: &Description) -> Result<Vec<Release>, Error> {
    let archive = Archive::new(data);
    let one = |id: &String| {
        let unknown = || {
            Error::storage(
                "quotation-unknown",
                Message::new(
                    format!("release {id}, som citeras, finns inte i huvudboken; kör utfall release {}", description.name),
                    format!("release {id}, which is quoted, is not in the ledger; run utfall release {}", description.name),
                ),
            )
        };
        let id = id.parse().map_err(|_| unknown())?;
        let bytes = archive.get(&id)?.ok_or_else(unknown)?;
        Ok(ledger.release(&bytes)?)
    };
    description.quotations().map(|quoted| one(&quoted.id)).collect()
}

/// That what is quoted is not archived.
pub fn missing(checked: &CheckedRelease, of: &CheckedRelease) -> Error {
    let (name, quoted) = (&checked.release.name, &of.release.name);
    Error::usage(
        "quotation-missing",
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
