//! What a release holds from the pin to the archive: nobody takes away a file that it has still to count, nobody begins to
//! erase or rewrite, and no other release is made at the same time.

use std::fs::File;

use super::{CheckedRelease, Pins, pin};
use crate::catalogue::schema::Catalogue;
use crate::store::Store;
use crate::store::ledger::FileLedger;
use crate::store::vacuum::{LockFile, Writing};
use crate::upkeep;
use utfall_ground::error::Error;
use utfall_ground::text::Message;

/// How often the tables are pinned anew when others begin to change them.
const TRIES: usize = 50;

/// Held while a release is made. The two are always taken in this order, and nothing that is done meanwhile takes the first
/// again: whoever waits to be alone would wait for who waits for it.
#[derive(Debug)]
pub(super) struct Held {
    _writing: Writing,
    _one: File,
}

impl Held {
    fn take(store: &Store) -> Result<Self, Error> {
        Ok(Self { _writing: upkeep::at_rest(store)?, _one: one(store)? })
    }
}

/// Keeps others from making a release.
fn one(store: &Store) -> Result<File, Error> {
    let LockFile { file, path } = store.lock_file("release.lock")?;
    file.lock().map_err(|e| Error::writing(&path, e))?;
    Ok(file)
}

/// Waits until nobody is making a release.
///
/// # Errors
/// When the file system refuses.
pub(super) fn wait(store: &Store) -> Result<(), Error> {
    one(store).map(drop)
}

/// The newest version of every private table that a release reads, and the hold on them. The ledger is read anew: somebody
/// may have made the same release while this one waited.
///
/// # Errors
/// When something is half changed and nobody is finishing it; when ledger or store cannot be read.
pub(super) async fn pinned(
    catalogue: &Catalogue,
    store: &Store,
    ledger: &mut FileLedger,
    checked: &CheckedRelease,
) -> Result<(Held, Pins), Error> {
    for _ in 0..TRIES {
        let held = Held::take(store)?;
        let pinned = pin(catalogue, store, checked).await?;
        // A landing that began to move rows in between may have changed one table and not yet another.
        if !upkeep::is_pending(store.root()) {
            ledger.follow()?;
            return Ok((held, pinned));
        }
    }
    upkeep::refuse_pending(store.root())?;
    Err(Error::storage(
        "landings-too-many",
        Message::new(
            "landningar ändrar gång på gång det som ska räknas; kör igen",
            "landings keep changing what is to be counted; run again",
        ),
    ))
}
