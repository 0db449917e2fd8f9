//! Releases that were reserved and never drawn, because the run died: paid for, and nothing to show. Such a release can be
//! finished only while it would be computed from the very same, so whoever is about to change what has landed finishes it
//! first.
//!
//! `unfinished.json` in the data directory says which of them could not be finished, and as things then stood, so that it is
//! told once and not tried at every landing. Nothing rests on it: without it all are tried again.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utfall_privacy::{Entry, Event, Loss, Measurement, ReleaseId};

use super::known::{ShownBefore, tree};
use super::{CheckedRelease, held, resumed, series};
use crate::catalogue::schema::Catalogue;
use crate::catalogue::spec;
use crate::engine::Engine;
use crate::store::Store;
use crate::store::ledger::FileLedger;
use utfall_ground::account::charge;
use utfall_ground::durable;
use utfall_ground::error::Error;
use utfall_ground::spending::losses;
use utfall_ground::text::Message;

/// How things stand: from what releases would be computed now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inputs {
    /// The snapshots of all private tables. They never come back.
    snapshots: String,
    /// The digest of schemas and queries. These may be put back.
    declared: String,
}

/// The reservations that are worth a try.
#[derive(Debug)]
pub struct Unfinished {
    /// Their releases.
    pub releases: Vec<ReleaseId>,
    now: Inputs,
    given_up: BTreeMap<String, Inputs>,
    path: PathBuf,
}

impl Unfinished {
    /// Which reservations could be finished now, unless it is known that they cannot.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn find(store: &Store, catalogue: &Catalogue, ledger: &FileLedger, declared: [&Path; 2]) -> Result<Self, Error> {
        let mut snapshots = String::new();
        for table in catalogue.private_tables() {
            let pinned = store.pin(table).await?;
            snapshots += &format!("{} {}\n", table.name, pinned.map(|pinned| pinned.snapshot).unwrap_or_default());
        }
        let mut digest = Sha256::new();
        let read = declared.iter().try_for_each(|folder| tree(&mut digest, folder));
        let now = Inputs { snapshots, declared: read.map(|()| hex::encode(digest.finalize())).unwrap_or_default() };
        let path = store.root().join("unfinished.json");
        let given_up = std::fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok());
        let given_up: BTreeMap<String, Inputs> = given_up.unwrap_or_default();
        // What could not be finished before other rows landed never can; with other queries it may be worth another try.
        let hopeless = |then: &Inputs| then.snapshots != now.snapshots || then.declared == now.declared;
        let mut releases = ledger.open_reservations();
        releases.retain(|release| !given_up.get(&release.to_string()).is_some_and(hopeless));
        Ok(Self { releases, now, given_up, path })
    }

    /// Notes that these could not be finished.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn give_up(mut self, releases: &[ReleaseId]) -> Result<(), Error> {
        self.given_up.extend(releases.iter().map(|release| (release.to_string(), self.now.clone())));
        let text = serde_json::to_vec_pretty(&self.given_up).map_err(Error::not_encodable)?;
        durable::replace(&self.path, &text)
    }
}

/// Waits until nobody is making a release: what is reserved then and not archived, nobody is going to finish.
///
/// # Errors
/// When the file system refuses.
pub fn wait(store: &Store) -> Result<(), Error> {
    held::wait(store)
}

/// What became of reservations that were tried.
#[derive(Debug, Default)]
pub struct Tried {
    /// The releases of which something was finished, by name.
    pub finished: Vec<String>,
    /// Of each that can no longer be finished, what that means.
    pub lost: Vec<Message>,
}

impl Unfinished {
    /// Tries every release that is declared until nothing is left to finish; notes what cannot be.
    ///
    /// # Errors
    /// When storage or engine fail: what can be finished once that is mended could not be after a landing.
    pub async fn try_all(
        self,
        (engine, catalogue): (&Engine, &Catalogue),
        (store, ledger): (&Store, &mut FileLedger),
        (queries, today): (&Path, NaiveDate),
        tried: &mut Tried,
    ) -> Result<(), Error> {
        let mut unchecked = Vec::new();
        for name in spec::names(queries).unwrap_or_default() {
            if self.left(ledger).is_empty() {
                return Ok(());
            }
            let checked = match spec::read(queries, &name) {
                Ok(spec) => super::check(engine, catalogue, spec).await,
                Err(wrong) => Err(wrong),
            };
            let Ok(checked) = checked else {
                unchecked.push(name);
                continue;
            };
            if finish(engine, catalogue, store, ledger, (&checked, today)).await? {
                tried.finished.push(name);
            }
        }
        let left = self.left(ledger);
        let paid: HashMap<ReleaseId, &[Measurement]> = ledger.entries().iter().filter_map(paid).collect();
        let losses = |release| losses(paid.get(release)?, &ledger.account().order).ok();
        tried.lost.extend(left.iter().map(|release| lost(*release, losses(release), &unchecked)));
        if left.is_empty() { Ok(()) } else { self.give_up(&left) }
    }

    /// What is not archived yet.
    fn left(&self, ledger: &FileLedger) -> Vec<ReleaseId> {
        self.releases.iter().copied().filter(|release| ledger.archived(*release).is_none()).collect()
    }
}

/// The tables of a release that an entry reserves, if it does and is paid for itself.
fn paid(entry: &Entry) -> Option<(ReleaseId, &[Measurement])> {
    match entry.event() {
        Event::Reserve { release, measurements, .. } => Some((*release, measurements)),
        _ => None,
    }
}

/// That a reservation can no longer be finished, and what that means: of one that was paid for itself, its losses are gone.
fn lost(release: ReleaseId, losses: Option<Vec<Loss>>, unchecked: &[String]) -> Message {
    let short: String = release.to_string().chars().take(16).collect();
    let (spent, cost) = losses.map(|losses| charge(&losses)).map_or_else(
        || {
            (
                "serien är betald och dess andra perioder publiceras som vanligt".to_owned(),
                "its series is paid for, and the other periods are published as always".to_owned(),
            )
        },
        |cost| {
            (
                format!("dess budget ({cost}) är förbrukad och inget har publicerats för den"),
                format!("its budget ({cost}) is spent, and nothing was published for it"),
            )
        },
    );
    let because = if unchecked.is_empty() { String::new() } else { format!(" (utfall check {})", unchecked.join(" ")) };
    Message::new(
        format!(
            "den påbörjade releasen {short} kan inte slutföras: frågor, register eller det som landat är inte längre som när den reserverades{because}; {spent}"
        ),
        format!(
            "the release {short} that was begun cannot be finished: queries, register or what has landed are no longer as when it was reserved{because}; {cost}"
        ),
    )
}

/// Finishes what runs that died have reserved for a release, or for the periods of a series. Nothing is charged, and nothing
/// is published: that is for the next `release` or `publish`. Gives whether there was anything to finish.
///
/// # Errors
/// Storage or engine; it can be tried again.
pub async fn finish(
    engine: &Engine,
    catalogue: &Catalogue,
    store: &Store,
    ledger: &mut FileLedger,
    (checked, today): (&CheckedRelease, NaiveDate),
) -> Result<bool, Error> {
    let finished = if checked.release.periods.is_some() {
        series::resumed(engine, catalogue, store, ledger, (checked, today)).await?
    } else {
        resumed(engine, catalogue, store, ledger, checked).await?.is_some()
    };
    if finished {
        // There is more to publish than what was.
        ShownBefore::forget(store.root(), &checked.release.name)?;
    }
    Ok(finished)
}
