//! What each archived release says of itself, in few words: so that whoever looks for one of them, or names them all, need not open a
//! thousand.
//!
//! `archived.jsonl` in the data directory has a line for each archive. It is a shortcut on which nothing rests: a line stands only for
//! an archive of the very hash that the ledger has recorded, of which the file is there and as long as it was; where one is
//! missing, the archive is read and held against the ledger. What is published is read from the archive, each time.

use std::collections::HashMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use utfall_privacy::{Event, Release, ReleaseId};

use super::lost;
use crate::store::archive::Archive;
use crate::store::ledger::FileLedger;
use utfall_ground::checksum;
use utfall_ground::error::Error;
use utfall_publish::{Declared, Description};

/// The file in the data directory.
const FILE: &str = "archived.jsonl";

/// An archived release.
#[derive(Debug)]
pub struct Contents {
    /// The release.
    pub id: ReleaseId,
    /// The SHA-256 of its archive.
    pub hash: [u8; 32],
    /// When it was recorded.
    pub made: u64,
    /// What it says of itself.
    pub says: Says,
}

/// What an archive says of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Says {
    /// The SHA-256 of the archive, in hex.
    archive: String,
    /// Its length in bytes.
    size: u64,
    /// Its name, title and budget.
    pub declared: Declared,
    /// Of a period of a series: the series, the vintage and the period.
    pub series: Option<(String, u32, String)>,
}

/// Every archived release, in the order of the ledger.
///
/// # Errors
/// When an archive is missing, or one that is not known yet was changed.
pub fn contents(data: &Path, ledger: &FileLedger) -> Result<Vec<Contents>, Error> {
    let archive = Archive::new(data);
    let known = read(data);
    let (mut contents, mut news) = (Vec::new(), false);
    for entry in ledger.entries() {
        let Event::Archived { release, hash } = entry.event() else { continue };
        let size = archive.size(release)?.ok_or_else(|| lost(release))?;
        let says = match known.get(&hex::encode(hash)).filter(|says| says.size == size) {
            Some(says) => says.clone(),
            None => {
                news = true;
                look(&archive, ledger, release)?
            }
        };
        contents.push(Contents { id: *release, hash: *hash, made: entry.time(), says });
    }
    if news {
        // Whoever may not write here reads them another time.
        let line = |of: &Contents| serde_json::to_string(&of.says).map(|line| line + "\n").unwrap_or_default();
        let _ = checksum::replace(&data.join(FILE), &contents.iter().map(line).collect::<String>());
    }
    Ok(contents)
}

/// What is known, by archive.
fn read(data: &Path) -> HashMap<String, Says> {
    let text = checksum::read(&data.join(FILE)).ok().flatten().unwrap_or_default();
    let says = text.lines().filter_map(|line| serde_json::from_str::<Says>(line).ok());
    says.map(|says| (says.archive.clone(), says)).collect()
}

/// Reads an archive and what it says.
fn look(archive: &Archive, ledger: &FileLedger, id: &ReleaseId) -> Result<Says, Error> {
    let bytes = archive.get(id)?.ok_or_else(|| lost(id))?;
    let sealed = ledger.release(&bytes)?;
    let description =
        Description::from_json(sealed.description()).map_err(|e| Error::storage("description-unreadable", e.message()))?;
    Ok(Says {
        archive: hex::encode(sealed.hash()),
        size: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        declared: Declared::of(&description),
        series: description.series.map(|of| (of.id, of.vintage, of.period)),
    })
}

/// An archived release, as the ledger has recorded it.
///
/// # Errors
/// When the archive is missing, or is not what was recorded.
pub fn opened(data: &Path, ledger: &FileLedger, id: &ReleaseId) -> Result<Release, Error> {
    let bytes = Archive::new(data).get(id)?.ok_or_else(|| lost(id))?;
    Ok(ledger.release(&bytes)?)
}
