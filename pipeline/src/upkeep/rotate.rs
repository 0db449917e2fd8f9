//! A new part of the key: every pseudonym is mapped to HMAC(new part, pseudonym), so that who has the old key alone can
//! tie nobody to what has landed, and nobody starts anew.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Pending, Work, rewrite};
use crate::catalogue::schema::{Catalogue, TableSchema};
use crate::crash;
use crate::keyzone::pseudonym::Pseudonymiser;
use crate::keyzone::{Aliases, KEY_FILE, KEY_VARIABLE, Key};
use crate::store::{Change, Pinned, Store};
use utfall_ground::error::Error;
use utfall_ground::text::Message;

/// A rotation that is going on.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// The id of the new part.
    to: String,
}

/// The new key while the tables are rewritten.
fn next(zone: &Path) -> PathBuf {
    zone.join(format!("{KEY_FILE}.next"))
}

/// Rotates the key.
///
/// # Errors
/// When the key comes from the environment, or the store or the key zone cannot be written; running again is safe.
pub async fn rotate(store: &Store, catalogue: &Catalogue, key: &Key) -> Result<Key, Error> {
    if std::env::var_os(KEY_VARIABLE).is_some() {
        return Err(Error::usage(
            "key-in-environment",
            Message::new(
                format!(
                    "nyckeln står i {KEY_VARIABLE}; en rotation skriver den nya nyckeln till nyckelkatalogen: lägg den gamla där först"
                ),
                format!(
                    "the key comes from {KEY_VARIABLE}; a rotation writes the new one to the key zone: put the old one there first"
                ),
            ),
        ));
    }
    let zone = store.zone().to_path_buf();
    let alone = super::alone(store, catalogue, key).await?;
    let rotated = key.rotated()?;
    // A part that an earlier run drew before it wrote its note was never used.
    let _ = std::fs::remove_file(next(&zone));
    rotated.write_new(&next(&zone))?;
    crash::point("drawn part");
    Pending::begin_alone(store, Work::Rotate(Rotation { to: rotated.id() }))?;
    drop(alone);
    super::resume(store, catalogue).await.map(|resumed| resumed.key)
}

impl Rotation {
    /// Rewrites every table, then the aliases, then says which key it is; the key itself comes last. Gives its id.
    pub(super) async fn run(&self, store: &Store, catalogue: &Catalogue, mark: &str) -> Result<String, Error> {
        let zone = store.zone().to_path_buf();
        let path = next(&zone);
        if !path.exists() {
            return if Key::read(&zone, store.root())?.id() == self.to { Ok(self.to.clone()) } else { Err(self.lost()) };
        }
        let key = Key::read_from(&path)?;
        if key.id() != self.to {
            return Err(self.lost());
        }
        let pseudonyms = Pseudonymiser::new(&key, store.domain(), Aliases::default());
        // Also where an earlier run has told of the key already.
        let before = store.before_key(&self.to);
        self.tables((&before, catalogue), mark, &pseudonyms).await?;
        let mut aliases = store.aliases()?;
        if !aliases.is_empty() {
            aliases.rotate(pseudonyms.generation(), pseudonyms.newest_rotation());
            store.set_aliases(&aliases)?;
        }
        crash::point("rewritten");
        store.set_key(&key)?;
        crash::point("told");
        // On a table that had no rows, some may have landed meanwhile from a machine that was not told.
        self.tables((&before, catalogue), mark, &pseudonyms).await?;
        key.write(&zone)?;
        std::fs::remove_file(&path).map_err(|e| Error::writing(&path, e))?;
        Ok(self.to.clone())
    }

    /// Rewrites every table that is not rewritten yet.
    async fn tables(
        &self,
        (store, catalogue): (&Store, &Catalogue),
        mark: &str,
        pseudonyms: &Pseudonymiser,
    ) -> Result<(), Error> {
        for table in catalogue.private_tables() {
            rewrite::commit(store, table, (mark, rewrite::Gone::Now), |pinned| self.table(table, pinned, pseudonyms)).await?;
        }
        Ok(())
    }

    fn table(&self, table: &TableSchema, pinned: &Pinned, pseudonyms: &Pseudonymiser) -> Result<Change, Error> {
        let rotated = pseudonyms.newest_rotation();
        let under = Some(self.to.clone());
        let mut change = Change { removed: pinned.stored.clone(), under, ..Change::default() };
        for file in &pinned.stored {
            let rows = rewrite::load(table, pinned, file)?;
            let units: Vec<_> = rewrite::units(table, &rows).into_iter().map(&rotated).collect();
            let rows = rewrite::with(table, &rows, &units, rewrite::numbers(table, &rows))?;
            change.added.push(rewrite::save(table, pinned, (&file.state, file.project), &rows)?);
        }
        Ok(change)
    }

    fn lost(&self) -> Error {
        Error::storage(
            "key-part-missing",
            Message::new(
                format!("nyckelns nya del {} saknas i nyckelkatalogen; återställ den från säkerhetskopian", self.to),
                format!("the key's new part {} is missing in the key zone; restore the zone from its backup", self.to),
            ),
        )
    }
}
