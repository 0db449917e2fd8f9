//! Removes files that no version of a table has any more: what corrections replaced and what killed landings left as soon as
//! nobody is reading or writing, what an erasure took out before it says so.

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::{Pinned, Store, people};
use crate::catalogue::schema::TableSchema;
use utfall_ground::error::Error;

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
        self.pin(table).await?.map_or(Ok(()), |pinned| remove_strays(&pinned))
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

/// Removes every file below a table's folder that its newest version does not have. Whoever calls is alone.
fn remove_strays(pinned: &Pinned) -> Result<(), Error> {
    let kept: HashSet<PathBuf> = pinned.stored.iter().map(|file| pinned.folder.join(&file.path)).collect();
    for path in parts(&pinned.folder)?.into_iter().filter(|path| !kept.contains(path)) {
        people::forget(&path);
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(Error::writing(&path, e)),
            _ => {}
        }
    }
    Ok(())
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
