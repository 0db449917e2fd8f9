//! A schema that has changed since rows landed: what has come to it is written down, and columns that left it are erased from
//! what has landed. The ledger, the numbers and the archive are as they were.
//!
//! Each table is one commit; a migration that was killed is asked for again, and goes on with the tables that are left.

use super::rewrite;
use crate::catalogue::schema::{Catalogue, Differences, TableSchema};
use crate::keyzone::Key;
use crate::store::{Change, Commit, Pinned, Store};
use utfall_ground::error::Error;
use utfall_ground::redact;
use utfall_ground::text::Message;

/// What came of one table.
#[derive(Debug)]
pub struct Migrated {
    /// The table.
    pub table: String,
    /// What has come to its schema.
    pub grown: Vec<Message>,
    /// The columns whose landed values are gone.
    pub erased: Vec<String>,
}

/// Brings every landed table to today's schema; of the columns that left it, only those that are named (`table.column`) are erased.
///
/// # Errors
/// When a schema would read what has landed otherwise, in any of the tables, or a named column has not landed or is still
/// declared: then nothing is changed. When a file cannot be read or written; running again is safe.
pub async fn migrate(store: &Store, catalogue: &Catalogue, key: &Key, forget: &[String]) -> Result<Vec<Migrated>, Error> {
    let alone = super::alone(store, catalogue, key).await?;
    let mut landed = Vec::new();
    for table in catalogue.private_tables() {
        let Some(pinned) = store.pin_landed(table).await? else { continue };
        let named = |column: &String| forget.contains(&format!("{}.{column}", table.name));
        let removed: Vec<String> = pinned.differences.removed.iter().filter(|column| !named(column)).cloned().collect();
        let contradicts = pinned.differences.contradicts.clone();
        Store::accept_schema(table, &Differences { grown: Vec::new(), removed, contradicts })?;
        landed.push((table, pinned));
    }
    let gone: Vec<String> = landed
        .iter()
        .flat_map(|(table, of)| of.differences.removed.iter().map(|column| format!("{}.{column}", table.name)))
        .collect();
    are_gone(&gone, forget)?;
    let mut done = Vec::new();
    for (table, mut pinned) in landed {
        let differences = std::mem::take(&mut pinned.differences);
        if differences == Differences::default() {
            continue;
        }
        one(store, table, &mut pinned, &differences).await?;
        done.push(Migrated { table: table.name.clone(), grown: differences.grown, erased: differences.removed });
    }
    drop(alone);
    // Also of a migration that was killed before it came to this.
    for table in catalogue.private_tables() {
        store.vacuum(table, true).await?;
    }
    Ok(done)
}

/// Refuses to erase a column that has not landed, or that its schema still declares: who asks for an erasure must not be told that
/// it is done where a name was misspelt.
fn are_gone(gone: &[String], forget: &[String]) -> Result<(), Error> {
    let Some(wrong) = forget.iter().find(|name| !gone.contains(name)) else { return Ok(()) };
    let (wrong, list) = (redact::words(wrong), gone.join(", "));
    let or = |none: &str| if list.is_empty() { none.to_owned() } else { list.clone() };
    Err(Error::usage(
        "no-removed-column",
        Message::new(
            format!(
                "--forget {wrong}: har inte landat, är redan raderad, eller står kvar i schemas/TABELL.toml; ingenting ändrades. Kolumner som har landat och saknas i sitt schema, som TABELL.KOLUMN: {}",
                or("inga")
            ),
            format!(
                "--forget {wrong}: has not landed, is erased already, or still stands in schemas/TABLE.toml; nothing was changed. Columns that have landed and are not in their schema, as TABLE.COLUMN: {}",
                or("none")
            ),
        ),
    ))
}

/// Writes the files of a table anew if columns go, and what its schema says now in any case.
async fn one(store: &Store, table: &TableSchema, pinned: &mut Pinned, differences: &Differences) -> Result<(), Error> {
    // What counts is as it was: no query can read a column that is not declared.
    let mut change = Change::default();
    if !differences.removed.is_empty() {
        change.removed.clone_from(&pinned.stored);
        for file in &pinned.stored {
            let rows = rewrite::load(table, pinned, file)?;
            change.added.push(rewrite::save(table, pinned, (&file.state, file.project), &rows)?);
        }
    }
    match store.commit(table, pinned, change).await? {
        Commit::Done => Ok(()),
        Commit::Conflict => Err(Error::storage(
            "landings-ahead",
            Message::new("en annan landning hann före; kör igen", "another landing committed first; run again"),
        )),
    }
}
