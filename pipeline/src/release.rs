//! TRUSTED: one release from SQL to archive. The only caller of the door, with [`series`], in this order:
//!
//! 1. certify every query ([`check()`]); nothing has been read yet
//! 2. pin the landed versions, whose files nobody removes until 6 is done; release id = hash of snapshots and of what is
//!    computed (`identity`)
//! 3. **reserve** the budget, durably
//! 4. collect the exact counts and **draw**, in memory
//! 5. **archive**, by put-if-absent
//! 6. the ledger **records** the archive's hash
//! 7. publish only what is re-read from the archive and matches that hash
//!
//! A run that dies before 6 has shown nothing to anyone: the next run resumes the reservation, from the archive if it is
//! there, and charges nothing again. Whoever is about to change what has landed resumes it first: see [`unfinished`].
//!
//! It may not show an exact number to anybody. Start reading at [`run`].

pub mod approval;
mod archived;
mod beyond;
mod check;
mod choice;
pub mod contents;
mod described;
pub mod facts;
mod headings;
mod held;
mod identity;
pub mod known;
mod measurements;
pub mod news;
mod planning;
pub mod prepared;
pub(crate) mod preview;
pub mod quoted;
mod rehearsal;
pub mod series;
pub(crate) mod sizes;
pub(crate) mod targets;
pub mod unfinished;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use utfall_privacy::{Grant, Release, ReleaseId, Request, Reservation};

use crate::catalogue::schema::{Catalogue, TableSchema};
use crate::certify::Bound;
use crate::crash;
use crate::engine::{Engine, LandedTable, failed};
use crate::store::archive::Archive;
use crate::store::ledger::FileLedger;
use crate::store::{Pinned, Store, numbering};
use utfall_ground::calendar::Days;
use utfall_ground::clock::now;
use utfall_ground::error::Error;
use utfall_ground::text::Message;

pub(crate) use archived::lost;
pub use archived::{Archived, History, archived};
pub use check::{CheckedRelease, CheckedTable, check};
pub use described::declared;
use described::describe;
#[cfg(test)]
pub(crate) use described::described;
use identity::{identity, is_reserved};
pub use measurements::{Draw, NoiseFamily, Shape};
pub use planning::{Planning, Standalone};
pub(crate) use targets::telling::{Telling, telling};

/// A release from the archive, and whether this run drew it.
#[derive(Debug)]
pub struct Released {
    /// The release, verified against the ledger.
    pub release: Release,
    /// Those on whose numbers its tables stand.
    pub quoted: Vec<Release>,
    /// Whether budget was charged by this run.
    pub charged: bool,
}

/// Runs a checked release, or returns it from the archive for free.
///
/// # Errors
/// Budget, storage or engine; nothing has been shown to anyone then.
pub async fn run(
    engine: &Engine,
    catalogue: &Catalogue,
    store: &Store,
    ledger: &mut FileLedger,
    checked: &CheckedRelease,
) -> Result<Released, Error> {
    let (_held, pinned) = held::pinned(catalogue, store, ledger, checked).await?;
    // Before anything is paid for.
    let quoted = quoted::shown(engine, catalogue, (store, ledger), checked).await?;
    let id = identity(engine, catalogue, (store, ledger), &pinned, checked).await?;
    made(engine, catalogue, store, ledger, checked, (&pinned, id, quoted)).await
}

/// Finishes a checked release if a run that died has reserved it, from the same snapshots: nothing is charged.
///
/// # Errors
/// As [`run`].
async fn resumed(
    engine: &Engine,
    catalogue: &Catalogue,
    store: &Store,
    ledger: &mut FileLedger,
    checked: &CheckedRelease,
) -> Result<Option<Released>, Error> {
    let (_held, pinned) = held::pinned(catalogue, store, ledger, checked).await?;
    let id = identity(engine, catalogue, (store, ledger), &pinned, checked).await?;
    if !ledger.open_reservations().contains(&id) {
        return Ok(None);
    }
    // What stands on the numbers of others is free: where these are not there now, it comes back when it is shown.
    let quoted = match quoted::shown(engine, catalogue, (store, ledger), checked).await {
        Err(error) if error.code() == quoted::MISSING => Vec::new(),
        other => other?,
    };
    made(engine, catalogue, store, ledger, checked, (&pinned, id, quoted)).await.map(Some)
}

/// Steps 3 to 7, on what is pinned and held.
async fn made(
    engine: &Engine,
    catalogue: &Catalogue,
    store: &Store,
    ledger: &mut FileLedger,
    checked: &CheckedRelease,
    (pinned, id, quoted): (&Pins, ReleaseId, Vec<Release>),
) -> Result<Released, Error> {
    let archive = Archive::new(store.root());
    store.sweep()?;
    let request = Request::new(id, checked.measurements.clone())?;
    let unpaid = !is_reserved(ledger, id);
    if ledger.archived(id).is_none() {
        sound(catalogue, pinned, false).await?;
    }
    let reservation = ledger.reserve(&request, now())?;
    let mut described = declared(catalogue, checked, store.is_demonstration(), &quoted)?;
    if quoted.is_empty() {
        described.tables.retain(|table| table.quotes.is_none());
    }
    let described = described.to_json()?;
    let drawn = async |grant| draw(engine, catalogue, pinned, checked, grant, (&archive, described.as_slice()), None).await;
    let (release, drawn) = finish(ledger, &archive, id, reservation, drawn).await?;
    Ok(Released { release, quoted, charged: drawn && unpaid })
}

/// Steps 4 to 7 of a reserved release: gives it, and whether this run had to draw or record it.
async fn finish(
    ledger: &mut FileLedger,
    archive: &Archive,
    id: ReleaseId,
    reservation: Reservation,
    draw: impl AsyncFnOnce(Grant) -> Result<Vec<u8>, Error>,
) -> Result<(Release, bool), Error> {
    let drawn = match reservation {
        Reservation::Archived { .. } => false,
        Reservation::Granted(grant) => {
            crash::point("reserved");
            let bytes = match archive.get(&id)? {
                Some(bytes) => bytes,
                None => draw(grant).await?,
            };
            crash::point("archived");
            ledger.record_archived(id, &bytes, now())?;
            crash::point("recorded");
            true
        }
    };
    let bytes = archive.get(&id)?.ok_or_else(|| lost(&id))?;
    Ok((ledger.release(&bytes)?, drawn))
}

/// The pinned version of every private table that a release reads, by name.
type Pins = BTreeMap<String, Option<Arc<Pinned>>>;

/// Collects the exact counts of every table (of a series on the days of one period), draws all noise and archives beside this
/// description; gives the archive's bytes.
async fn draw(
    engine: &Engine,
    catalogue: &Catalogue,
    pinned: &Pins,
    checked: &CheckedRelease,
    grant: Grant,
    (archive, description): (&Archive, &[u8]),
    days: Option<Days>,
) -> Result<Vec<u8>, Error> {
    let tables: Vec<&CheckedTable> = checked.measured().filter(|table| table.follows.len() < table.vectors().len()).collect();
    let mut queries = Vec::with_capacity(tables.len());
    for table in &tables {
        let bound = bound(table, catalogue, pinned, days)?;
        queries.push(bound.physical(engine.planner(), catalogue).await.map_err(|e| failed(&e))?);
    }
    let mut exact = Vec::new();
    for (table, collected) in tables.into_iter().zip(engine.collect(&queries, catalogue).await?) {
        match table.draw {
            Draw::Keys(_) => exact.extend(collected),
            Draw::Noise | Draw::Own(_) | Draw::Choice(_) => exact.extend(table.drawn(collected)),
        }
    }
    crash::point("collected");
    let id = grant.release();
    let sealed = grant.draw(exact, description)?;
    crash::point("drawn");
    archive.put(&id, sealed.bytes())
}

/// What must hold before anything is drawn: every file is there and the numbering is whole; unless it is paid for already,
/// something has landed.
async fn sound(catalogue: &Catalogue, pinned: &Pins, paid: bool) -> Result<(), Error> {
    for (name, pinned) in pinned {
        let pinned = match pinned {
            Some(pinned) if pinned.has_accepted() => Some(pinned),
            _ => None,
        };
        match (catalogue.table(name), pinned) {
            // Whether a delivery was accepted, not whether a row of it counts: that may be one person's.
            (Some(schema), Some(pinned)) => numbering::check(schema, pinned)?,
            // What is paid for is published when it is complete, whether or not somebody's rows are there.
            _ if paid => {}
            _ => {
                return Err(Error::usage(
                    "nothing-landed",
                    Message::new(
                        format!(
                            "inget har landat i {name}; en release skulle kosta budget för enbart brus. Kör utfall land först"
                        ),
                        format!(
                            "nothing has landed in {name}; a release would spend budget on noise alone. Run utfall land first"
                        ),
                    ),
                ));
            }
        }
    }
    Ok(())
}

/// The bounded plan of one table on the pinned files, on the days of one period if it is of a series.
fn bound(table: &CheckedTable, catalogue: &Catalogue, pinned: &Pins, days: Option<Days>) -> Result<Bound, Error> {
    let day = table.answer.certified.day();
    let landed = |name: &str| -> Option<Arc<dyn TableProvider>> {
        match (pinned.get(name), catalogue.table(name)) {
            (Some(Some(pinned)), Some(schema)) if table.query.anonymous => {
                Some(Arc::new(LandedTable::new(schema, pinned.with_anonymous()).by(day)))
            }
            (Some(Some(pinned)), Some(schema)) => Some(Arc::new(LandedTable::new(schema, pinned.files.clone()).by(day))),
            (_, Some(schema)) => Some(Arc::new(LandedTable::empty(schema).by(day))),
            (_, None) => None,
        }
    };
    let certified = table.answer.certified.clone();
    let certified = match days {
        Some(days) => certified.at(days),
        None => certified,
    };
    certified.bound(landed, catalogue).map_err(Error::engine)
}

/// The newest version of every private table that the release reads.
async fn pin(catalogue: &Catalogue, store: &Store, checked: &CheckedRelease) -> Result<Pins, Error> {
    let mut pinned = BTreeMap::new();
    for schema in tables(catalogue, checked) {
        pinned.insert(schema.name.clone(), store.pin(schema).await?.map(Arc::new));
    }
    Ok(pinned)
}

/// The same for whoever counts nothing.
async fn newest(catalogue: &Catalogue, store: &Store, checked: &CheckedRelease) -> Result<Pins, Error> {
    let mut pinned = BTreeMap::new();
    for schema in tables(catalogue, checked) {
        pinned.insert(schema.name.clone(), store.newest(schema).await?);
    }
    Ok(pinned)
}

/// The private tables that a release reads.
fn tables<'c>(catalogue: &'c Catalogue, checked: &CheckedRelease) -> Vec<&'c TableSchema> {
    let scans = checked.own().flat_map(|table| &table.answer.certified.accepted().scans);
    let names: BTreeSet<&str> = scans.map(|scan| scan.table.as_str()).collect();
    names.into_iter().filter_map(|name| catalogue.table(name)).collect()
}

#[cfg(test)]
mod tests;
