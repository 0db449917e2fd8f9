//! What tells a landed file from one that was changed, by a failing disk or by hand: its name holds the SHA-256 of its
//! bytes, and each commit that of the names of all files. Parquet has no checksums of its own here, and a changed bit would
//! otherwise only be another number.

use std::collections::HashSet;
use std::fs::File;
use std::io::{Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};

use super::file::StoredFile;
use utfall_ground::error::Error;

/// Files that this process has read or written whole. They are never changed, so that once is enough.
static SOUND: Mutex<Option<HashSet<PathBuf>>> = Mutex::new(None);

fn sound() -> MutexGuard<'static, Option<HashSet<PathBuf>>> {
    SOUND.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The digest of a text that is kept beside it.
pub fn of_text(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// A file that is digested while it is written.
#[derive(Debug)]
pub struct Digesting {
    file: File,
    digest: Sha256,
}

impl Digesting {
    /// Digests from the first byte on.
    pub fn new(file: File) -> Self {
        Self { file, digest: Sha256::new() }
    }

    /// The digest of what was written, for the file's name.
    pub fn name(self) -> String {
        hex::encode(self.digest.finalize())
    }
}

impl Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.digest.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// Takes a file that this process has just written for sound.
pub fn written(path: &Path) {
    sound().get_or_insert_default().insert(path.to_path_buf());
}

/// Reads every file of a version that this process does not know yet, and compares it with its name; on all cores.
///
/// # Errors
/// When one is missing or is not what was written.
pub fn check(folder: &Path, stored: &[StoredFile]) -> Result<(), Error> {
    let paths: Vec<PathBuf> = {
        let known = sound();
        let is_known = |path: &PathBuf| known.as_ref().is_some_and(|known| known.contains(path));
        stored.iter().map(|file| folder.join(&file.path)).filter(|path| !is_known(path)).collect()
    };
    let next = AtomicUsize::new(0);
    let work = || -> Result<(), Error> {
        while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
            check_file(path)?;
            written(path);
        }
        Ok(())
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(paths.len());
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mine = work();
        others.into_iter().map(|other| other.join().unwrap_or_else(|_| Err(Error::panicked()))).fold(mine, Result::and)
    })
}

fn check_file(path: &Path) -> Result<(), Error> {
    let mut file = File::open(path).map_err(|e| Error::reading(path, e))?;
    let (mut digest, mut buffer) = (Sha256::new(), vec![0; 1 << 18]);
    loop {
        match file.read(&mut buffer).map_err(|e| Error::reading(path, e))? {
            0 => break,
            read => digest.update(buffer.get(..read).unwrap_or_default()),
        }
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    if name.ends_with(&format!("-{}", hex::encode(digest.finalize()))) { Ok(()) } else { Err(Error::damaged(path)) }
}

/// The digest of all files of a version, in any order (what they are named, how large they are, what their rows are), and of
/// what else is told of it.
pub fn of_all(stored: &[StoredFile], told: &[&str]) -> String {
    let mut lines: Vec<String> =
        stored.iter().map(|file| format!("{} {} {} {:?}\n", file.path, file.size, file.state, file.project)).collect();
    lines.sort_unstable();
    lines.extend(told.iter().map(|told| format!("{told}\n")));
    hex::encode(Sha256::digest(lines.concat()))
}
