//! In which words an archived release is shown: those of its folder in `queries/` when it was last released, where these are other than
//! the archived ones.
//!
//! `renditions/<id>.json` in the data directory is a description that differs from the archived one in free words alone. Nothing that
//! was paid for rests on it: without it, or where it is of other measurements, the archived words are shown.

use std::path::{Path, PathBuf};

use utfall_privacy::{Release, ReleaseId};

use super::publication::described;
use crate::store::private_folder;
use utfall_ground::durable;
use utfall_ground::error::Error;
use utfall_publish::Description;

fn path(data: &Path, release: ReleaseId) -> PathBuf {
    data.join("renditions").join(format!("{release}.json"))
}

/// In which words a release is to be shown.
///
/// # Errors
/// When the archived description cannot be read.
pub fn read(data: &Path, release: &Release) -> Result<Description, Error> {
    let archived = described(release)?;
    let kept = std::fs::read(path(data, release.id())).ok().and_then(|json| Description::from_json(&json).ok());
    Ok(kept.and_then(|kept| archived.in_words_of(&kept)).unwrap_or(archived))
}

/// Keeps the words of today for a release, if they are of the same measurements; gives those in which it is to be shown, and whether
/// they are today's.
///
/// # Errors
/// When the archived description cannot be read, or the file system refuses.
pub fn keep(data: &Path, release: &Release, now: &Description) -> Result<Rendition, Error> {
    let archived = described(release)?;
    let Some(shown) = archived.in_words_of(now) else { return Ok(Rendition { words: archived, is_current: false }) };
    let path = path(data, release.id());
    if shown == archived {
        durable::remove(&path)?;
    } else {
        private_folder(durable::folder(&path))?;
        let json = shown.to_json()?;
        if std::fs::read(&path).ok().as_deref() != Some(&json) {
            durable::replace(&path, &json)?;
        }
    }
    Ok(Rendition { words: shown, is_current: true })
}

/// The words of a release.
#[derive(Debug)]
pub struct Rendition {
    /// In which it is to be shown.
    pub words: Description,
    /// Whether they are those of today.
    pub is_current: bool,
}
