//! The ledger's two places: its log in the data directory, its witness in the key zone.
//!
//! They lie apart so that a restored or copied data directory, whose ledger has forgotten what was spent, is noticed.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use utfall_privacy::{Head, Ledger, Log, LogError, PutError, Witness};

use super::{pack, refusal};
use crate::crash;
use utfall_ground::checksum;
use utfall_ground::durable::{self, Put};
use utfall_ground::error::Error;
use utfall_ground::origin;
use utfall_ground::text::{Lang, Message};

/// The ledger of a data directory.
pub type FileLedger = Ledger<FileLog, FileWitness>;

/// Opens the ledger of a data directory.
///
/// # Errors
/// When log and witness do not agree, an entry is not as it was written, or the ledger counts persons under another key.
pub fn open(data: &Path, keys: &Path) -> Result<FileLedger, Error> {
    let store = super::Store::open(data, keys)?;
    let ledger = Ledger::open(FileLog::new(data), FileWitness::new(keys))?;
    if ledger.key_id() == store.first_key_id() {
        return Ok(ledger);
    }
    let (counted, landed) = (ledger.key_id(), store.first_key_id());
    Err(refusal::ledger_of_another_key(counted, landed))
}

/// Entries below `ledger/`, put in place durably and only once: a file each, until 1,024 of them are put together in a pack. The
/// first stays a file.
#[derive(Debug)]
pub struct FileLog {
    folder: PathBuf,
    /// Held while an entry is put or packed: whoever puts one late must find it taken, though its file is gone.
    lock: PathBuf,
}

/// So many entries make a pack.
const PACKED: u64 = 1_024;
/// The first entry that is packed.
const FIRST: u64 = 1;
/// How often a folder is looked at where another process may be packing it.
const LOOKS: usize = 4;

/// What lies in the folder.
#[derive(Debug, Default)]
struct Contents {
    /// The entries that have a file of their own.
    files: BTreeSet<u64>,
    /// The first entries of the packs.
    packs: BTreeSet<u64>,
}

impl Contents {
    /// How many entries there are before the first that has neither a file nor a pack.
    fn length(&self) -> u64 {
        let mut next = 0;
        while self.packs.contains(&next) || self.files.contains(&next) {
            next += if self.packs.contains(&next) { PACKED } else { 1 };
        }
        next
    }

    /// The first entry that is missing before others.
    fn missing(&self) -> Option<u64> {
        let length = self.length();
        let later = self.files.range(length..).next().is_some() || self.packs.range(length..).next().is_some();
        later.then_some(length)
    }
}

/// The first entry of the pack in which an entry may be.
fn pack_of(index: u64) -> Option<u64> {
    index.checked_sub(FIRST).map(|at| at - at % PACKED + FIRST)
}

impl FileLog {
    /// The log of a data directory.
    pub fn new(data: &Path) -> Self {
        Self { folder: data.join("ledger"), lock: data.join("ledger.lock") }
    }

    /// Whether there is an entry after the first: something may have been spent.
    pub fn has_begun(data: &Path) -> bool {
        let log = Self::new(data);
        log.path(FIRST).exists() || log.pack(FIRST).exists()
    }

    fn path(&self, index: u64) -> PathBuf {
        self.folder.join(format!("{index:08}.entry"))
    }

    /// The pack that begins with an entry.
    fn pack(&self, first: u64) -> PathBuf {
        self.folder.join(format!("{first:08}-{:08}.pack", first + PACKED - 1))
    }

    fn contents(&self) -> Result<Contents, Error> {
        let failed = |e| Error::reading(&self.folder, e);
        let mut contents = Contents::default();
        for entry in std::fs::read_dir(&self.folder).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
            let path = self.folder.join(&name);
            if name.starts_with('.') {
            } else if let Some(index) = name.strip_suffix(".entry") {
                contents.files.insert(index.parse().map_err(|_| refusal::not_an_entry(&path))?);
            } else if let Some(range) = name.strip_suffix(".pack") {
                let first = range.split_once('-').and_then(|(first, _)| first.parse().ok());
                let first = first.filter(|first| pack_of(*first) == Some(*first) && self.pack(*first) == path);
                contents.packs.insert(first.ok_or_else(|| refusal::not_a_pack(&path))?);
            }
        }
        Ok(contents)
    }

    /// The entries from an index on, of what lies in the folder; none if another process has packed some of them meanwhile.
    fn from(&self, from: u64) -> Result<Option<Vec<Vec<u8>>>, Error> {
        let contents = self.contents()?;
        if let Some(missing) = contents.missing() {
            return Err(refusal::entry_missing(&self.path(missing), &self.pack(pack_of(missing).unwrap_or(FIRST))));
        }
        let (mut entries, mut next) = (Vec::new(), pack_of(from).filter(|first| contents.packs.contains(first)).unwrap_or(from));
        let length = contents.length();
        while next < length {
            if contents.packs.contains(&next) {
                let packed = self.packed(next, &contents)?;
                let skipped = usize::try_from(from.saturating_sub(next)).unwrap_or(usize::MAX);
                entries.extend(packed.into_iter().skip(skipped));
                next += PACKED;
            } else {
                let Some(bytes) = self.file(next)? else { return Ok(None) };
                entries.push(bytes);
                next += 1;
            }
        }
        Ok(Some(entries))
    }

    /// The bytes of an entry's own file, if there is one.
    fn file(&self, index: u64) -> Result<Option<Vec<u8>>, Error> {
        let path = self.path(index);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Error::reading(&path, e)),
        }
    }

    /// The entries of a pack; those that have files too must be the same there.
    fn packed(&self, first: u64, contents: &Contents) -> Result<Vec<Vec<u8>>, Error> {
        let packed = pack::read(&self.pack(first), PACKED)?;
        for index in contents.files.range(first..first + PACKED) {
            let same = usize::try_from(index - first).ok().and_then(|at| packed.get(at));
            if self.file(*index)?.is_some_and(|bytes| Some(&bytes) != same) {
                return Err(refusal::entry_differs(&self.path(*index), &self.pack(first)));
            }
        }
        Ok(packed)
    }

    /// Puts entries together where there are enough, and removes the files of those that a pack holds: it is read again first,
    /// and every byte compared. Whoever calls has the lock. Killed at any moment, it is gone on with by the next.
    fn put_together(&self) -> Result<(), Error> {
        let contents = self.contents()?;
        let length = contents.length();
        let whole = |first: &u64| first + PACKED <= length;
        for first in (FIRST..).step_by(usize::try_from(PACKED).unwrap_or(usize::MAX)).take_while(whole) {
            let files: Vec<u64> = contents.files.range(first..first + PACKED).copied().collect();
            if files.is_empty() {
                continue;
            }
            if !contents.packs.contains(&first) {
                let part = |index: &u64| {
                    let missing = || refusal::entry_missing(&self.path(*index), &self.pack(first));
                    self.file(*index)?.ok_or_else(missing)
                };
                let parts = files.iter().map(part).collect::<Result<Vec<_>, Error>>()?;
                durable::put_if_absent(&self.pack(first), &pack::written(&parts))?;
                crash::point("entries packed");
            }
            self.packed(first, &contents)?;
            for index in files {
                let path = self.path(index);
                std::fs::remove_file(&path).map_err(|e| Error::writing(&path, e))?;
                crash::point("packed entry removed");
            }
            durable::sync_folder(&self.folder)?;
        }
        Ok(())
    }

    /// Puts an entry in place, unless it has a file or is in a pack.
    fn put_once(&self, index: u64, bytes: &[u8]) -> Result<Put, Error> {
        let lock = File::create(&self.lock).and_then(|file| file.lock().map(|()| file));
        let _lock = lock.map_err(|e| Error::writing(&self.lock, e))?;
        if pack_of(index).is_some_and(|first| self.pack(first).exists()) {
            return Ok(Put::Exists);
        }
        let put = durable::put_if_absent(&self.path(index), bytes)?;
        // Of a copy nothing is packed: a put that was long on its way to the origin must find its index taken there.
        if index >= PACKED && !origin::is_copy(&self.folder) {
            // The entry is in place, whatever becomes of this; it is tried again with the next.
            let _ = self.put_together();
        }
        Ok(put)
    }
}

/// An error of this program in both languages: the core knows none.
fn both(error: &Error) -> String {
    Message::new(error.shown(Lang::Sv), error.shown(Lang::En)).in_one()
}

impl Log for FileLog {
    fn read(&self, from: u64) -> Result<Vec<Vec<u8>>, LogError> {
        for left in (0..LOOKS).rev() {
            match self.from(from) {
                Ok(Some(entries)) => return Ok(entries),
                Err(e) if left == 0 => return Err(LogError(both(&e))),
                Ok(None) | Err(_) => {}
            }
        }
        Err(LogError(both(&refusal::entry_missing(&self.path(from), &self.pack(pack_of(from).unwrap_or(FIRST))))))
    }

    fn put(&self, index: u64, bytes: &[u8]) -> Result<(), PutError> {
        match self.put_once(index, bytes) {
            Ok(Put::Done) => Ok(()),
            Ok(Put::Exists) => Err(PutError::Exists),
            Err(e) => Err(PutError::Other(both(&e))),
        }
    }
}

/// The ledger's id, length and last hash, in the key zone.
#[derive(Debug)]
pub struct FileWitness {
    zone: PathBuf,
}

impl FileWitness {
    /// The file of the witness in the key zone.
    pub const FILE: &'static str = "ledger.witness";

    /// The witness in a key zone.
    pub fn new(keys: &Path) -> Self {
        Self { zone: keys.to_path_buf() }
    }

    fn path(&self) -> PathBuf {
        self.zone.join(Self::FILE)
    }
}

impl Witness for FileWitness {
    fn read(&self) -> Result<Option<Head>, LogError> {
        let text = match std::fs::read_to_string(self.path()) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(LogError(both(&Error::reading(&self.path(), e)))),
        };
        // An earlier version of this program wrote a head alone, which the log itself tells from a damaged one.
        let head = checksum::lines(&text).and_then(|line| read(line.trim_end()));
        head.map(Some).ok_or_else(|| LogError(both(&Error::damaged(&self.path()))))
    }

    /// Moves forward only: under a lock, so that a slower writer cannot put an older head over a newer one.
    fn advance(&self, head: &Head) -> Result<(), LogError> {
        let lock = File::create(self.zone.join("ledger.lock")).and_then(|f| f.lock().map(|()| f));
        let _lock = lock.map_err(|e| LogError(both(&Error::writing(&self.path(), e))))?;
        if self.read()?.is_some_and(|old| old.ledger == head.ledger && old.length >= head.length) {
            return Ok(());
        }
        checksum::replace(&self.path(), &format!("{}\n", written(head))).map_err(|e| LogError(both(&e)))
    }
}

/// A ledger's head as one line: `ledger 0f1e... length 7 hash 2d3c...`.
fn written(head: &Head) -> String {
    format!("ledger {} length {} hash {}", hex::encode(head.ledger), head.length, hex::encode(head.hash))
}

/// Reads what [`written`] writes, and nothing else.
fn read(line: &str) -> Option<Head> {
    let mut fields = line.split(' ');
    let mut value = |key| fields.next().filter(|field| *field == key).and(fields.next());
    let (mut ledger, mut hash) = ([0_u8; 16], [0_u8; 32]);
    hex::decode_to_slice(value("ledger")?, &mut ledger).ok()?;
    let length = value("length")?.parse().ok()?;
    hex::decode_to_slice(value("hash")?, &mut hash).ok()?;
    let head = Head { ledger, length, hash };
    (written(&head) == line).then_some(head)
}

#[cfg(test)]
#[path = "../../privacy/src/conformance.rs"]
pub(super) mod conformance;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_keep_the_contracts_of_log_and_witness() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("ledger")).unwrap();
        conformance::ledger_log(&FileLog::new(folder.path()));
        conformance::ledger_witness(&FileWitness::new(folder.path()));
    }

    #[test]
    fn a_head_has_one_form() {
        let head = Head { ledger: [0x0f; 16], length: 4, hash: [0xa1; 32] };
        let line = written(&head);
        assert_eq!(read(&line), Some(head));
        for wrong in [
            "",
            "ledger",
            &line.to_uppercase(),
            &format!("{line} "),
            &line.replace("length 4", "length 04"),
            &line.replace("0f0f", "0f"),
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
