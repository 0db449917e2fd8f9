//! Removes files that no version of a table has any more: what corrections replaced and what killed landings left as soon as
//! nobody is reading or writing, what an erasure took out before it says so.
//!
//! Locks of files do not reach other machines. Where the data directory is a copy of a bucket, what commits took out of the table goes as
//! here; what no commit ever named may be another machine's, whose commit is yet to come. It goes after a day; or, where an erasure
//! must not wait, at once behind a commit of its own, after which no commit made against an older version can follow.

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::chain::commit_file;
use super::{Change, Commit, Pinned, Store, people};
use crate::catalogue::schema::TableSchema;
use utfall_ground::error::Error;
use utfall_ground::{durable, origin};

/// So long another machine may take from writing a file to the commit that names it.
const DAY: Duration = Duration::from_hours(24);
/// How often a commit is tried that keeps others from following older versions.
const TRIES: usize = 50;

/// Held while files are being written that no commit names yet, and while those of a pinned version are being read.
#[derive(Debug)]
pub struct Writing {
    _lock: File,
}

/// A file that is only there to be locked, and where it is, for what is told of it.
#[derive(Debug)]
pub struct LockFile {
    /// The file, open; closing it gives the lock back.
    pub file: File,
    /// Its path.
    pub path: PathBuf,
}

impl Store {
    fn lock(&self) -> Result<LockFile, Error> {
        self.lock_file("landed.lock")
    }

    /// Whoever wants the lock goes through this gate, and holds it only while waiting: who waits to be alone keeps those who
    /// come after from going on before, or landings that overlap would make an erasure wait for ever.
    fn gate(&self) -> Result<LockFile, Error> {
        self.lock_file("landed.gate")
    }

    /// Opens a file of the store that is only there to be locked.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn lock_file(&self, name: &str) -> Result<LockFile, Error> {
        let path = self.root.join(name);
        let file = File::options().create(true).append(true).open(&path).map_err(|e| Error::writing(&path, e))?;
        Ok(LockFile { file, path })
    }

    /// Keeps others from taking the files that are being written for left-overs.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn writing(&self) -> Result<Writing, Error> {
        let LockFile { file: gate, path } = self.gate()?;
        gate.lock_shared().map_err(|e| Error::writing(&path, e))?;
        let LockFile { file, path } = self.lock()?;
        file.lock_shared().map_err(|e| Error::writing(&path, e))?;
        Ok(Writing { _lock: file })
    }

    /// Waits until nobody is writing, and keeps everybody from it.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn exclusively(&self) -> Result<Writing, Error> {
        let LockFile { file: gate, path } = self.gate()?;
        gate.lock().map_err(|e| Error::writing(&path, e))?;
        let LockFile { file, path } = self.lock()?;
        file.lock().map_err(|e| Error::writing(&path, e))?;
        Ok(Writing { _lock: file })
    }

    /// Removes what is no longer the table's. With `now` it waits until nobody is reading or writing: what an erasure took out
    /// must be gone when it says so. Without, it leaves that to the next landing.
    ///
    /// # Errors
    /// When a file cannot be removed; running again is safe.
    pub async fn vacuum(&self, table: &TableSchema, now: bool) -> Result<(), Error> {
        let Some(_alone) = (if now { Some(self.exclusively()?) } else { self.alone()? }) else { return Ok(()) };
        if now && origin::is_copy(self.root()) {
            return self.vacuum_origin(table).await;
        }
        self.pin(table).await?.map_or(Ok(()), |pinned| remove_strays(&pinned))
    }

    /// Removes at once all that is no longer the table's, also in the bucket of which this is a copy.
    async fn vacuum_origin(&self, table: &TableSchema) -> Result<(), Error> {
        for _ in 0..TRIES {
            origin::renew(self.root())?;
            let Some(mut pinned) = self.pin(table).await? else { return Ok(()) };
            let strays = strays(&pinned)?;
            if strays.is_empty() {
                return Ok(());
            }
            let named = unnamed(&pinned, strays.clone())?.is_empty();
            if named || self.commit(table, &mut pinned, Change::default()).await? == Commit::Done {
                strays.iter().try_for_each(|path| remove(path))?;
            }
        }
        Err(super::refusal::landings_ahead())
    }

    /// The same for tables that were pinned before, where that is still their newest version.
    ///
    /// # Errors
    /// When a file cannot be removed; running again is safe.
    pub fn tidy(&self, tables: impl IntoIterator<Item = Pinned>) -> Result<(), Error> {
        let mut tables = tables.into_iter().peekable();
        if tables.peek().is_none() {
            return Ok(());
        }
        let Some(_alone) = self.alone()? else { return Ok(()) };
        tables.filter(Pinned::is_newest).try_for_each(|pinned| remove_strays(&pinned))
    }

    /// The lock, if nobody is reading or writing.
    fn alone(&self) -> Result<Option<Writing>, Error> {
        let lock = self.lock()?.file;
        Ok(lock.try_lock().is_ok().then_some(Writing { _lock: lock }))
    }
}

/// Removes every file below a table's folder that its newest version does not have; of a copy not those that may be another machine's.
/// Whoever calls is alone here.
fn remove_strays(pinned: &Pinned) -> Result<(), Error> {
    let mut strays = strays(pinned)?;
    if origin::is_copy(&pinned.folder) {
        let young: HashSet<PathBuf> = unnamed(pinned, strays.clone())?.into_iter().filter(|path| is_young(path)).collect();
        strays.retain(|path| !young.contains(path));
    }
    strays.iter().try_for_each(|path| remove(path))
}

/// The files below a table's folder that its newest version does not have.
fn strays(pinned: &Pinned) -> Result<Vec<PathBuf>, Error> {
    let kept: HashSet<PathBuf> = pinned.stored.iter().map(|file| pinned.folder.join(&file.path)).collect();
    Ok(parts(&pinned.folder)?.into_iter().filter(|path| !kept.contains(path)).collect())
}

fn remove(path: &Path) -> Result<(), Error> {
    people::forget(path);
    durable::remove(path)
}

/// Those of some files that no commit until this version names.
fn unnamed(pinned: &Pinned, mut files: Vec<PathBuf>) -> Result<Vec<PathBuf>, Error> {
    for version in (0..pinned.next()).rev() {
        if files.is_empty() {
            break;
        }
        let path = commit_file(&pinned.folder, version);
        let text = std::fs::read_to_string(&path).map_err(|e| Error::reading(&path, e))?;
        files.retain(|file| file.file_name().is_some_and(|name| !text.contains(name.to_string_lossy().as_ref())));
    }
    Ok(files)
}

/// Whether a file was written within a day; one that says nothing of it was.
fn is_young(path: &Path) -> bool {
    let written = path.metadata().and_then(|file| file.modified());
    written.ok().and_then(|written| SystemTime::now().duration_since(written).ok()).is_none_or(|age| age < DAY)
}

/// Every Parquet file below a table's folder that landing has written; Delta's log is left alone.
pub(crate) fn parts(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let (mut found, mut folders) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|e| Error::reading(&folder, e))? {
            let entry = entry.map_err(|e| Error::reading(&folder, e))?;
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if path.is_dir() && name != "_delta_log" {
                folders.push(path);
            } else if name.starts_with("part-") && name.ends_with(".parquet") {
                found.push(path);
            }
        }
    }
    Ok(found)
}
