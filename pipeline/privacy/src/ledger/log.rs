//! What the ledger asks of storage: a log of numbered entries, and a witness that lives elsewhere.

use std::fmt;

/// A place for numbered entries, each written once.
///
/// # Privacy
/// The ledger relies on two properties. *Put-if-absent*: of several writers of one index exactly one succeeds, and its
/// bytes are the ones that everybody reads from then on. *Durable*: what was put is there after a crash. A log that
/// forgets is caught by the [`Witness`]; a log that lies consistently, to ledger and witness alike, is not.
///
/// # Checked by
/// `ledger::tests::races`
pub trait Log {
    /// All entries from this index on, in order; none if there are none. A gap, before it or behind it, is an error.
    fn read(&self, from: u64) -> Result<Vec<Vec<u8>>, LogError>;

    /// Writes an entry if its index is free, and returns when it is durable.
    fn put(&self, index: u64, bytes: &[u8]) -> Result<(), PutError>;
}

/// A memory of the ledger's last head, kept apart from the log: it tells an old copy from the newest.
///
/// # Privacy
/// A ledger restored from a copy has forgotten charges; the witness has not. It is to be kept where a copy of the
/// ledger does not bring a copy of it: with the key.
///
/// # Checked by
/// `ledger::tests::damage::an_old_copy_is_refused`
pub trait Witness {
    /// The last head; `None` if there never was one.
    fn read(&self) -> Result<Option<Head>, LogError>;

    /// Remembers a head, durably. A head that is shorter than the present one changes nothing.
    fn advance(&self, head: &Head) -> Result<(), LogError>;
}

/// The storage failed; the text says how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogError(pub String);

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the ledger's storage failed ({}); repair it and run again", self.0)
    }
}

impl std::error::Error for LogError {}

/// Why a put did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PutError {
    /// The index is taken: another writer was first.
    Exists,
    /// Something else; the entry may or may not have been written.
    Other(String),
}

/// The last entry of a ledger: its hash stands for the whole history.
///
/// # Checked by
/// `ledger::tests::damage`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The ledger's random id.
    pub ledger: [u8; 16],
    /// The number of entries.
    pub length: u64,
    /// The SHA-256 of the last entry.
    pub hash: [u8; 32],
}
