//! Folders that are copies: what counts of them lies elsewhere, in an object store. Whoever opens such a copy names its origin here,
//! and from then on [`crate::durable`] asks the origin before it writes below the folder: whoever writes files knows nothing of it, and none
//! can be forgotten. Where no folder is a copy, nothing is asked and nothing is slower.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::durable::Put;
use crate::error::Error;

/// Where what counts of a folder is kept, by the names that files have below it. What a call has done outlasts this machine.
pub trait Origin: std::fmt::Debug + Send + Sync {
    /// Writes bytes under a name that must be free, whole or not at all: of two writers, wherever they are, one finds it taken. Who
    /// finds it taken finds in the folder what the other wrote.
    ///
    /// # Errors
    /// When the origin refuses or cannot be reached.
    fn put_if_absent(&self, name: &str, bytes: &[u8]) -> Result<Put, Error>;

    /// Writes bytes in the place of those that the folder has under a name.
    ///
    /// # Errors
    /// When the origin refuses or cannot be reached, or somebody else has replaced them.
    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), Error>;

    /// Keeps files of the folder whose names nobody else gives.
    ///
    /// # Errors
    /// When the origin refuses or cannot be reached.
    fn keep(&self, files: &[(String, PathBuf)]) -> Result<(), Error>;

    /// Removes what has a name.
    ///
    /// # Errors
    /// When the origin refuses or cannot be reached.
    fn remove(&self, name: &str) -> Result<(), Error>;

    /// What has a name now, whatever the folder has.
    ///
    /// # Errors
    /// When the origin refuses or cannot be reached.
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Error>;

    /// Makes the folder what its origin is now; files that the origin never had are left alone.
    ///
    /// # Errors
    /// When the origin cannot be read.
    fn renew(&self) -> Result<(), Error>;
}

/// The copies of this process.
static COPIES: RwLock<Vec<(PathBuf, Arc<dyn Origin>)>> = RwLock::new(Vec::new());
/// Whether there are any.
static ANY: AtomicBool = AtomicBool::new(false);

/// A folder that is a copy for as long as this lives.
#[derive(Debug)]
pub struct Copied(PathBuf);

impl Copied {
    /// Names the origin of a folder, whose path is that by which its files will be called.
    pub fn new(folder: &Path, origin: Arc<dyn Origin>) -> Self {
        COPIES.write().unwrap_or_else(PoisonError::into_inner).push((folder.to_path_buf(), origin));
        ANY.store(true, Ordering::Release);
        Self(folder.to_path_buf())
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        COPIES.write().unwrap_or_else(PoisonError::into_inner).retain(|(folder, _)| *folder != self.0);
    }
}

/// The origin of a file and its name there; none if no folder above it is a copy.
pub(crate) fn of(path: &Path) -> Option<(Arc<dyn Origin>, String)> {
    if !ANY.load(Ordering::Acquire) {
        return None;
    }
    let copies = COPIES.read().unwrap_or_else(PoisonError::into_inner);
    let below = |(folder, origin): &(PathBuf, Arc<dyn Origin>)| Some((Arc::clone(origin), name(folder, path)?));
    copies.iter().find_map(below)
}

/// Whether a folder is a copy, or lies in one.
pub fn is_copy(path: &Path) -> bool {
    of(path).is_some()
}

/// Makes the copy in which a folder lies what its origin is now; nothing if it lies in none.
///
/// # Errors
/// As [`Origin::renew`].
pub fn renew(path: &Path) -> Result<(), Error> {
    of(path).map_or(Ok(()), |(origin, _)| origin.renew())
}

/// Keeps files that were written below a folder, if that is a copy.
pub(crate) fn keep(below: &Path, files: &[PathBuf]) -> Result<(), Error> {
    let Some((origin, _)) = of(below) else { return Ok(()) };
    let named = files.iter().filter_map(|file| Some((of(file)?.1, file.clone())));
    origin.keep(&named.collect::<Vec<_>>())
}

/// The name of a file below a folder, with `/` between its parts.
fn name(folder: &Path, path: &Path) -> Option<String> {
    let parts = path.strip_prefix(folder).ok()?.iter().map(|part| part.to_str());
    Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
}
