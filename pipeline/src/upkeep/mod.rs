//! Upkeep of what has landed: erasures, key rotations, merges of people who had two pseudonyms, rows that follow their
//! participations, schemas that changed, and files put together. Takes pseudonyms; changes tables, one commit each with a mark of its own, under a note (`pending.toml`) by which
//! a killed one is finished by the next `land`, `forget`, `key` or `run`. Sees no identity number but where a controller names one.
//! Start reading at [`resume`].

pub mod attach;
pub mod compact;
pub mod erase;
pub mod merge;
pub mod migrate;
pub mod receipt;
mod rewrite;
pub mod rotate;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::catalogue::schema::Catalogue;
use crate::crash;
use crate::keyzone::Key;
use crate::keyzone::pseudonym::Pseudonym;
use crate::store::Store;
use crate::store::vacuum::{LockFile, Writing};
use receipt::Receipt;
use utfall_ground::error::Error;
use utfall_ground::id::random_id;
use utfall_ground::text::Message;
use utfall_ground::{checksum, durable};

/// What is going on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pending {
    /// A random id; the mark of its commits.
    id: String,
    /// The work.
    work: Work,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
enum Work {
    Attach(attach::Attachment),
    Erase(erase::Erasure),
    Rotate(rotate::Rotation),
    Merge(merge::Merge),
}

/// A pseudonym in the note.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Unit(pub Pseudonym);

impl std::fmt::Debug for Unit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unit(redacted)")
    }
}

impl Serialize for Unit {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0.0))
    }
}

impl<'de> Deserialize<'de> for Unit {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0_u8; 16];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| serde::de::Error::custom("not a pseudonym"))?;
        Ok(Self(Pseudonym(bytes)))
    }
}

/// How often other work is finished before one's own begins.
const TRIES: usize = 50;

fn note(root: &Path) -> PathBuf {
    root.join("pending.toml")
}

impl Pending {
    fn read(root: &Path) -> Result<Option<Self>, Error> {
        let path = note(root);
        match std::fs::read_to_string(&path) {
            Ok(text) => checksum::lines(&text).and_then(|lines| toml::from_str(lines).ok()).map(Some).ok_or_else(|| {
                Error::storage(
                    "pending-unreadable",
                    Message::new(
                        format!("{} kan inte läsas; återställ datakatalogen från en säkerhetskopia", path.display()),
                        format!("{} cannot be read; restore the data directory from a backup", path.display()),
                    ),
                )
            }),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Error::reading(&path, e)),
        }
    }

    /// Writes the note, unless there is one. From now on the work is done, whatever happens to this process.
    fn begin(store: &Store, work: Work) -> Result<Option<Self>, Error> {
        let pending = Self { id: random_id()?, work };
        let text = toml::to_string(&pending).map_err(Error::not_encodable)?;
        if checksum::put_if_absent(&note(store.root()), &text)? == durable::Put::Exists {
            return Ok(None);
        }
        crash::point("noted");
        Ok(Some(pending))
    }

    /// Writes the note of work that nobody else can have begun, under the lock of [`alone`].
    fn begin_alone(store: &Store, work: Work) -> Result<(), Error> {
        match Self::begin(store, work)? {
            Some(_) => Ok(()),
            None => refuse_pending(store.root()),
        }
    }

    /// Takes the note away: all is done, or nothing was begun. Another process may have finished the same work first.
    pub(crate) fn end(&self, store: &Store) -> Result<(), Error> {
        if Self::read(store.root())?.is_none_or(|other| other.id != self.id) {
            return Ok(());
        }
        let path = note(store.root());
        durable::remove(&path)?;
        durable::sync_folder(store.root())
    }

    /// The mark of its commits.
    fn mark(&self) -> String {
        format!("utfall.upkeep.{}", self.id)
    }
}

/// What was begun by a run that died, or by another that is still at work, and was finished here.
#[derive(Debug)]
pub enum Finished {
    /// Rows within participations follow them: a part of a landing.
    Follows,
    /// An erasure, and what it leaves to show; none of an erasure that an earlier version has begun.
    Erased(Option<Receipt>),
    /// A rotation, to the key of this id.
    Rotated(String),
    /// A merge, of so many numbers that were replaced.
    Merged(usize),
}

/// What comes of finishing.
#[derive(Debug)]
pub struct Resumed {
    /// The key, which a rotation changes.
    pub key: Key,
    /// What was finished, if anything was begun.
    pub finished: Option<Finished>,
}

/// Finishes what was begun, if anything was.
///
/// # Errors
/// When the store cannot be read or written; running again is safe.
pub async fn resume(store: &Store, catalogue: &Catalogue) -> Result<Resumed, Error> {
    let one = if is_pending(store.root()) { Some(one_at_a_time(store)?) } else { None };
    let pending = if one.is_some() { Pending::read(store.root())? } else { None };
    let finished = match pending {
        Some(pending) => Some(pending.finish(store, catalogue).await?),
        None => None,
    };
    // What a killed process left aside may hold what was erased since, or parts of the key.
    store.sweep()?;
    let key = Key::read(store.zone(), store.root())?;
    store.again()?.accept_key(&key)?;
    Ok(Resumed { key, finished })
}

impl Pending {
    async fn finish(self, store: &Store, catalogue: &Catalogue) -> Result<Finished, Error> {
        let mark = self.mark();
        let finished = match &self.work {
            Work::Attach(attachment) => {
                attachment.run(store, catalogue, &mark).await?;
                Finished::Follows
            }
            Work::Erase(erasure) => Finished::Erased(erasure.run(store, catalogue, &mark).await?),
            Work::Rotate(rotation) => Finished::Rotated(rotation.run(store, catalogue, &mark).await?),
            Work::Merge(merge) => Finished::Merged(merge.run(store, catalogue, &mark).await?),
        };
        self.end(store)?;
        Ok(finished)
    }
}

/// Keeps others from finishing the same work at the same time: they wait, and then find it done.
fn one_at_a_time(store: &Store) -> Result<File, Error> {
    let LockFile { file, path } = store.lock_file("upkeep.lock")?;
    file.lock().map_err(|e| Error::writing(&path, e))?;
    Ok(file)
}

/// Waits until nobody lands, finishes what others have begun, and keeps everybody from landing. What is to be done must be
/// worked out after this: the key may have been rotated since the caller looked.
///
/// # Errors
/// When others keep beginning new work, or the key is another one by now.
async fn alone(store: &Store, catalogue: &Catalogue, key: &Key) -> Result<Writing, Error> {
    let mut alone = store.exclusively()?;
    for _ in 0..TRIES {
        if !is_pending(store.root()) {
            break;
        }
        drop(alone);
        Box::pin(resume(store, catalogue)).await?;
        alone = store.exclusively()?;
    }
    refuse_pending(store.root())?;
    same_key(store, key)?;
    Ok(alone)
}

/// So often it is looked whether work that nobody does is being begun just now: a second in all.
const LOOKS: usize = 50;
/// The time between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// Waits while an erasure or the like is being done, and keeps the next one from being begun; what others land does not wait.
///
/// # Errors
/// When one was interrupted and nobody is finishing it, with how to.
pub fn at_rest(store: &Store) -> Result<Writing, Error> {
    for _ in 0..LOOKS {
        let writing = store.writing()?;
        if !is_pending(store.root()) {
            return Ok(writing);
        }
        drop(writing);
        // Whoever is at work holds this until it is done.
        drop(one_at_a_time(store)?);
        if is_pending(store.root()) {
            // Between the note and the work there is a moment in which nobody does.
            std::thread::sleep(LOOK);
        }
    }
    let writing = store.writing()?;
    refuse_pending(store.root()).map(|()| writing)
}

/// Refuses a key that was the store's when the caller began, and is no longer.
///
/// # Errors
/// When it was rotated: running again is all that is needed.
pub fn same_key(store: &Store, key: &Key) -> Result<(), Error> {
    store.again()?.accept_key(key).map_err(|_| {
        Error::storage(
            "key-rotated",
            Message::new("nyckeln har roterats under tiden; kör igen", "the key was rotated in the meantime; run again"),
        )
    })
}

/// Whether something is going on, or was interrupted.
pub fn is_pending(root: &Path) -> bool {
    note(root).exists()
}

/// Refuses while something is going on: what counts is half changed.
///
/// # Errors
/// With how to finish it.
pub fn refuse_pending(root: &Path) -> Result<(), Error> {
    if !is_pending(root) {
        return Ok(());
    }
    Err(Error::storage(
        "upkeep-pending",
        Message::new(
            "en radering, rättelse, nyckelrotation eller sammanslagning pågår eller avbröts; kör utfall key show-id (eller utfall land) för att slutföra den",
            "an erasure, correction, key rotation or merge is going on or was interrupted; run utfall key show-id (or utfall land) to finish it",
        ),
    ))
}
