//! Files that survive a power cut: written aside, synced, put in place in one step, and the folder synced.
//!
//! object_store 0.13 puts a local file in place atomically but syncs neither the file nor its folder, which is not enough
//! for a ledger. These few functions are the local side of put-if-absent.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// What came of a put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// The file is in place and durable.
    Done,
    /// A file of that name was there already; nothing changed.
    Exists,
}

/// Writes a file that must not exist yet, durably and in one step.
///
/// # Errors
/// When the file system refuses.
pub fn put_if_absent(path: &Path, bytes: &[u8]) -> Result<Put, Error> {
    let aside = write_aside(path, bytes)?;
    // A hard link fails if the name is taken and appears whole if it is not.
    let linked = fs::hard_link(&aside, path);
    let _ = fs::remove_file(&aside);
    match linked {
        Ok(()) => {
            sync_folder(folder(path))?;
            Ok(Put::Done)
        }
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(Put::Exists),
        Err(e) => Err(Error::writing(path, &e)),
    }
}

/// Replaces a file durably and in one step.
///
/// # Errors
/// When the file system refuses.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let aside = write_aside(path, bytes)?;
    fs::rename(&aside, path).map_err(|e| Error::writing(path, &e))?;
    sync_folder(folder(path))
}

/// Syncs a file that somebody else wrote, and its folder.
///
/// # Errors
/// When the file system refuses.
pub fn sync_file(path: &Path) -> Result<(), Error> {
    File::open(path).and_then(|f| f.sync_all()).map_err(|e| Error::writing(path, &e))?;
    sync_folder(folder(path))
}

/// Syncs the names in a folder.
///
/// # Errors
/// When the file system refuses.
pub fn sync_folder(folder: &Path) -> Result<(), Error> {
    File::open(folder).and_then(|f| f.sync_all()).map_err(|e| Error::writing(folder, &e))
}

fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

/// A synced file beside its future name; its own name is unique to this process and call.
fn write_aside(path: &Path, bytes: &[u8]) -> Result<PathBuf, Error> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let aside = folder(path).join(format!(".{name}.{}", uuid::Uuid::new_v4()));
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside);
    let written = file.and_then(|mut f| f.write_all(bytes).and_then(|()| f.sync_all()));
    written.map_err(|e| {
        let _ = fs::remove_file(&aside);
        Error::writing(path, &e)
    })?;
    Ok(aside)
}
