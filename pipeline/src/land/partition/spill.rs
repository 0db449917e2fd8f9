//! Where packed rows wait that memory has no room for: a file without a name, which is gone with the process, in the data directory,
//! where what becomes of them will lie too.

use std::borrow::Cow;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use utfall_ground::error::Error;
use utfall_ground::redacted;

/// So many bytes of a report's rows stay in memory; in tests so few that most of them do not.
const MEMORY: usize = if cfg!(all(test, debug_assertions)) { 1 << 10 } else { 512 << 20 };

/// The file of one report.
pub struct Spill {
    folder: PathBuf,
    /// Begun when it is needed; without it all stays in memory.
    file: OnceLock<Option<File>>,
    /// How many bytes the file has, and how many stay in memory.
    length: AtomicU64,
    held: AtomicUsize,
}

/// Some packed rows, where they are.
pub(super) enum Block {
    /// In memory.
    Held(Vec<u8>),
    /// In the file.
    Spilled(Arc<Spill>, u64, usize),
}

redacted!(Spill Block);

impl Spill {
    /// For rows that are landed in a data directory.
    pub fn new(folder: &Path) -> Arc<Self> {
        Arc::new(Self {
            folder: folder.to_path_buf(),
            file: OnceLock::new(),
            length: AtomicU64::new(0),
            held: AtomicUsize::new(0),
        })
    }

    /// Puts rows where there is room. Where the disk has none they stay in memory: whether there is enough for the files that come
    /// of them is told when those are written.
    pub(super) fn block(self: &Arc<Self>, rows: Vec<u8>) -> Block {
        if self.held.fetch_add(rows.len(), Ordering::Relaxed) < MEMORY {
            return Block::Held(rows);
        }
        let Some(file) = self.file.get_or_init(|| tempfile::tempfile_in(&self.folder).ok()) else { return Block::Held(rows) };
        let at = self.length.fetch_add(u64::try_from(rows.len()).unwrap_or(u64::MAX), Ordering::Relaxed);
        match file.write_all_at(&rows, at) {
            Ok(()) => {
                self.held.fetch_sub(rows.len(), Ordering::Relaxed);
                Block::Spilled(Arc::clone(self), at, rows.len())
            }
            Err(_) => Block::Held(rows),
        }
    }
}

impl Block {
    /// Its rows.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn rows(&self) -> Result<Cow<'_, [u8]>, Error> {
        let (spill, at, length) = match self {
            Self::Held(rows) => return Ok(Cow::Borrowed(rows)),
            Self::Spilled(spill, at, length) => (spill, *at, *length),
        };
        let mut rows = vec![0; length];
        let read = |file: &File| file.read_exact_at(&mut rows, at).map_err(|e| Error::reading(&spill.folder, e));
        spill.file.get().and_then(Option::as_ref).map_or_else(|| Err(Error::panicked()), read)?;
        Ok(Cow::Owned(rows))
    }
}
