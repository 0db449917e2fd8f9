//! The ledger's two places: its log in the data directory, its witness in the key zone.
//!
//! They lie apart so that a restored or copied data directory, whose ledger has forgotten what was spent, is noticed.

use std::fs::File;
use std::path::{Path, PathBuf};

use utfall_privacy::{Head, Ledger, Log, LogError, PutError, Witness};

use super::refusal;
use utfall_ground::checksum;
use utfall_ground::durable::{self, Put};
use utfall_ground::error::{Error, system};
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

/// One file per entry below `ledger/`, put in place durably and only once.
#[derive(Debug)]
pub struct FileLog {
    folder: PathBuf,
}

impl FileLog {
    /// The log of a data directory.
    pub fn new(data: &Path) -> Self {
        Self { folder: data.join("ledger") }
    }

    fn path(&self, index: u64) -> PathBuf {
        self.folder.join(format!("{index:08}.entry"))
    }

    fn indices(&self) -> std::io::Result<Vec<u64>> {
        let mut indices = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if let Some(index) = name.strip_suffix(".entry").filter(|_| !name.starts_with('.')) {
                indices.push(index.parse().map_err(|_| not_an_entry(&name))?);
            }
        }
        indices.sort_unstable();
        Ok(indices)
    }
}

/// A file among the entries whose name is no number.
fn not_an_entry(name: &str) -> std::io::Error {
    std::io::Error::other(Message::new(format!("{name} är ingen post"), format!("{name} is not an entry")))
}

/// What a place of the ledger could not do, and why, in both languages: the core knows none.
fn failed(place: &Path, why: &Message) -> LogError {
    LogError(why.clone().after(format!("{}: ", place.display())).in_one())
}

/// An error of this program in both languages.
fn both(error: &Error) -> String {
    Message::new(error.shown(Lang::Sv), error.shown(Lang::En)).in_one()
}

impl Log for FileLog {
    fn read(&self) -> Result<Vec<Vec<u8>>, LogError> {
        let refused = |e: std::io::Error| failed(&self.folder, &system(&e));
        let indices = self.indices().map_err(refused)?;
        if let Some((missing, _)) = (0_u64..).zip(&indices).find(|(expected, index)| expected != *index) {
            let why = Message::new(
                format!("post {missing} saknas; återställ den från en säkerhetskopia"),
                format!("entry {missing} is missing; restore it from a backup"),
            );
            return Err(failed(&self.folder, &why));
        }
        indices.iter().map(|index| std::fs::read(self.path(*index)).map_err(refused)).collect()
    }

    fn put(&self, index: u64, bytes: &[u8]) -> Result<(), PutError> {
        match durable::put_if_absent(&self.path(index), bytes) {
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
            Err(e) => return Err(failed(&self.path(), &system(&e))),
        };
        // An earlier version of this program wrote a head alone, which the log itself tells from a damaged one.
        let head = checksum::lines(&text).and_then(|line| read(line.trim_end()));
        head.map(Some).ok_or_else(|| LogError(both(&Error::damaged(&self.path()))))
    }

    /// Moves forward only: under a lock, so that a slower writer cannot put an older head over a newer one.
    fn advance(&self, head: &Head) -> Result<(), LogError> {
        let lock = File::create(self.zone.join("ledger.lock")).and_then(|f| f.lock().map(|()| f));
        let _lock = lock.map_err(|e| failed(&self.path(), &system(&e)))?;
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
mod conformance;

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
