//! The ledger: what has been spent, written down before it is spent, and never forgotten.
//!
//! It is a log of hash-chained entries ([`Event`]) written by put-if-absent, and a [`Witness`] elsewhere that remembers
//! the last head. Whoever opens it reads and verifies the whole log. Every operation reads and verifies what has come since,
//! decides, and writes at most one entry; if another writer was first it starts over.

mod event;
mod history;
mod log;
mod series;

pub use event::{Entry, Event};
pub use log::{Head, Log, LogError, PutError, Witness};

use rand::Rng;

use crate::accountant::Account;
use crate::archive::Archive;
use crate::error::{Error, Exhausted};
use crate::measure::{Budget, Loss};
use crate::release::{Grant, Release};
use crate::request::{ReleaseId, Request, sha256};
use crate::sample::system_rng;
use crate::text;
use crate::unit::UNIT;

use history::{History, Slot, is_lower};

/// How often an operation starts over when other writers are faster.
const ATTEMPTS: u32 = 1_000;

/// The answer to a request.
#[derive(Debug)]
#[must_use]
pub enum Reservation {
    /// The budget is reserved, now or by an earlier run that did not finish: draw.
    Granted(Grant),
    /// The release exists: read its archive. Nothing is charged.
    Archived {
        /// The SHA-256 that the archive must have.
        hash: [u8; 32],
    },
}

/// The account of one domain's data.
///
/// # Privacy
/// *Claim.* Whatever is published as a [`Release`] of this ledger, by queries chosen in the light of all earlier
/// releases, is (epsilon, delta) private for the last limit, if `Log` and `Witness` keep their contracts. *Proof.* A
/// [`Release`] needs a recorded archive, that a [`Grant`], that a durable reservation which
/// [`Account::admits`] admitted at exactly the entry it was written behind: put-if-absent makes decision and entry
/// one step. A period of a series rests on the reservation of the series in the same way: see
/// [`Ledger::reserve_period`]. A release's hash is recorded once, so of all draws under one reservation one is
/// published. The rest is the proof of [`Account::admits`]. If a limit is raised because of a release, the claim
/// holds for the raised limit.
///
/// # Checked by
/// `ledger::tests`
#[derive(Debug)]
pub struct Ledger<L, W> {
    log: L,
    witness: W,
    history: History,
}

/// What an operation makes of a verified history.
enum Decision<T> {
    /// The history says what was asked for.
    Settled(T),
    /// This event is missing.
    Append(Box<Event>),
}

impl<L: Log, W: Witness> Ledger<L, W> {
    /// Begins a ledger where there is none.
    ///
    /// # Privacy
    /// The limit and the unit stand in the first entry, before there is anything to spend.
    ///
    /// # Checked by
    /// `ledger::tests::life::a_ledger_is_created_once`
    pub fn create(log: L, witness: W, limit: Budget, key_id: &str, now: u64) -> Result<Self, Error> {
        if witness.read().map_err(Error::Log)?.is_some() || !log.read(0).map_err(Error::Log)?.is_empty() {
            return Err(Error::AlreadyOpen);
        }
        if !text::is_line(key_id) {
            return Err(Error::Request("a key's id is one line of text"));
        }
        let event = Event::Open { ledger: nonce()?, unit: UNIT.to_owned(), limit, key_id: key_id.to_owned() };
        let entry = Entry { index: 0, previous: [0; 32], nonce: nonce()?, time: now, event };
        let bytes = entry.encode();
        match log.put(0, &bytes) {
            Ok(()) => {}
            Err(PutError::Exists) => return Err(Error::AlreadyOpen),
            // The entry may have been written all the same: its nonce tells.
            Err(PutError::Other(why)) => {
                if log.read(0).map_err(Error::Log)?.first() != Some(&bytes) {
                    return Err(Error::Log(LogError(why)));
                }
            }
        }
        witness.advance(&History::begin(&bytes)?.head()).map_err(Error::Log)?;
        Self::open(log, witness)
    }

    /// Opens a ledger: verifies every entry, and that nothing the witness remembers is missing.
    ///
    /// # Checked by
    /// `ledger::tests::damage::an_old_copy_is_refused`, `ledger::tests::damage::a_foreign_ledger_is_refused`,
    /// `ledger::tests::damage::a_changed_byte_is_found`
    pub fn open(log: L, witness: W) -> Result<Self, Error> {
        // The witness is read first: what it remembers was in the log before, so another writer cannot make a sound ledger look
        // like an old copy between the two reads.
        let witnessed = witness.read().map_err(Error::Log)?;
        let entries = log.read(0).map_err(Error::Log)?;
        let (Some(witnessed), Some((first, rest))) = (witnessed, entries.split_first()) else {
            return Err(match witnessed {
                Some(head) => Error::LedgerBehind { length: 0, witnessed: head.length },
                None if entries.is_empty() => Error::NoLedger,
                None => Error::WitnessMissing,
            });
        };
        let mut history = History::begin(first)?;
        history.extend(rest, &witnessed)?;
        history.follow(&log, &witness)?;
        Ok(Self { log, witness, history })
    }

    /// Takes in what others have written since, as every operation does before it decides.
    ///
    /// # Checked by
    /// `ledger::tests::damage::an_old_copy_is_refused`
    pub fn follow(&mut self) -> Result<(), Error> {
        self.history.follow(&self.log, &self.witness)
    }

    /// Reserves the budget of a release, durably, and grants its noise.
    ///
    /// A release that is archived is not charged: its hash is returned. A release that was reserved but not archived is
    /// resumed without a charge, if it asks for the same measurements.
    ///
    /// # Privacy
    /// The grant is returned only when the reservation has been read back from the log and the witness has advanced
    /// over it. Resuming is safe, for a reservation that is not archived was shown to nobody.
    ///
    /// # Checked by
    /// `ledger::tests::races::the_last_budget_is_won_once`, `ledger::tests::life::a_resumed_release_is_charged_once`,
    /// `ledger::tests::races::a_put_that_seems_to_fail`
    pub fn reserve(&mut self, request: &Request, now: u64) -> Result<Reservation, Error> {
        self.settle(now, |history| match history.slots.get(&request.release()) {
            Some(slot) => slot.resume(request),
            None => {
                let (release, measurements) = (request.release(), request.measurements().into());
                let charge = afford(history, request)?;
                Ok(Decision::Append(Box::new(Event::Reserve { release, charge, measurements })))
            }
        })
    }

    /// Records that a release's archive is stored; the same archive may be recorded again, another may not.
    ///
    /// # Privacy
    /// The archive states the reserved measurements. From here on the release is these bytes: nothing is drawn for it
    /// again.
    ///
    /// # Checked by
    /// `ledger::tests::races::the_first_archive_stands`, `ledger::tests::life::an_archive_must_fit_its_reservation`
    pub fn record_archived(&mut self, release: ReleaseId, bytes: &[u8], now: u64) -> Result<(), Error> {
        let archive = Archive::parse(bytes)?;
        let hash = sha256(bytes);
        let fits = |slot: &Slot| {
            archive.release == release && archive.tables.iter().map(|table| table.measurement()).eq(&*slot.measurements)
        };
        self.settle(now, |history| match history.slots.get(&release) {
            None => Err(Error::NotReserved(release)),
            Some(slot) if !fits(slot) => Err(Error::ArchiveDiffers(release)),
            Some(slot) => match slot.archived {
                Some(recorded) if recorded == hash => Ok(Decision::Settled(())),
                Some(_) => Err(Error::ArchiveDiffers(release)),
                None => Ok(Decision::Append(Box::new(Event::Archived { release, hash }))),
            },
        })
    }

    /// Opens a release from its archive, if these are the recorded bytes.
    ///
    /// The ledger is not read anew: a hash that was recorded by another process since is seen after
    /// [`Ledger::reserve`], [`Ledger::record_archived`] or [`Ledger::open`].
    ///
    /// # Privacy
    /// The only way to a [`Release`].
    ///
    /// # Checked by
    /// `ledger::tests::life::only_recorded_bytes_are_a_release`
    pub fn release(&self, bytes: &[u8]) -> Result<Release, Error> {
        let archive = Archive::parse(bytes)?;
        let hash = sha256(bytes);
        let slot = self.history.slots.get(&archive.release).ok_or(Error::NotReserved(archive.release))?;
        match slot.archived {
            Some(recorded) if recorded == hash => Ok(Release::new(archive, hash)),
            Some(_) => Err(Error::ArchiveDiffers(archive.release)),
            None => Err(Error::NotArchived(archive.release)),
        }
    }

    /// Raises the lifetime limit, with a reason for those who read the ledger.
    ///
    /// Raising to the present limit changes nothing.
    ///
    /// # Privacy
    /// From here on the guarantee is that of the new limit, for everything ever published.
    ///
    /// # Checked by
    /// `ledger::tests::life::a_limit_is_only_raised`
    pub fn raise(&mut self, limit: &Budget, reason: &str, now: u64) -> Result<(), Error> {
        if !text::is_line(reason) {
            return Err(Error::Request("the reason for a raised limit is one line of text"));
        }
        self.settle(now, |history| {
            if limit == history.account.limit() {
                Ok(Decision::Settled(()))
            } else if is_lower(limit, history.account.limit()) {
                Err(Error::LimitLowered)
            } else {
                Ok(Decision::Append(Box::new(Event::Raise { limit: limit.clone(), reason: reason.to_owned() })))
            }
        })
    }

    /// Reads, decides, and writes what is missing, until the log itself says what was asked for.
    ///
    /// A put that is lost to another writer, that succeeded, or that failed with an error although it was written: all
    /// three are told apart by reading the log again. After such an error nothing is written a second time.
    fn settle<T>(&mut self, now: u64, decide: impl Fn(&History) -> Result<Decision<T>, Error>) -> Result<T, Error> {
        let mut failed = None;
        for _ in 0..ATTEMPTS {
            self.history.follow(&self.log, &self.witness)?;
            let event = match (decide(&self.history)?, failed.take()) {
                (Decision::Settled(answer), _) => return Ok(answer),
                (Decision::Append(_), Some(why)) => return Err(Error::Log(LogError(why))),
                (Decision::Append(event), None) => event,
            };
            let entry = self.history.next(*event, nonce()?, now);
            match self.log.put(entry.index, &entry.encode()) {
                Ok(()) | Err(PutError::Exists) => {}
                Err(PutError::Other(why)) => failed = Some(why),
            }
        }
        Err(Error::Contended)
    }
}

impl<L, W> Ledger<L, W> {
    /// All entries, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.history.entries
    }

    /// The lifetime limit, as last raised.
    pub fn limit(&self) -> &Budget {
        self.history.account.limit()
    }

    /// The limit and everything that was spent of it.
    pub fn account(&self) -> &Account {
        &self.history.account
    }

    /// The id of the pseudonymisation key that the ledger was created with.
    pub fn key_id(&self) -> &str {
        &self.history.key_id
    }

    /// The last entry's place and hash.
    pub fn head(&self) -> Head {
        self.history.head()
    }

    /// The recorded SHA-256 of a release's archive.
    pub fn archived(&self, release: ReleaseId) -> Option<[u8; 32]> {
        self.history.slots.get(&release)?.archived
    }

    /// Releases that are reserved and not archived: to be resumed. In the order of their ids.
    pub fn open_reservations(&self) -> Vec<ReleaseId> {
        let open = |(id, slot): (&ReleaseId, &Slot)| slot.archived.is_none().then_some(*id);
        self.history.slots.iter().filter_map(open).collect()
    }
}

impl Slot {
    /// What becomes of a release that is reserved: it is archived, or is drawn now if it asks for the same.
    fn resume(&self, request: &Request) -> Result<Decision<Reservation>, Error> {
        match self.archived {
            Some(hash) => Ok(Decision::Settled(Reservation::Archived { hash })),
            None if *self.measurements == *request.measurements() => {
                Ok(Decision::Settled(Reservation::Granted(Grant::new(request.clone()))))
            }
            None => Err(Error::ReservationDiffers(request.release())),
        }
    }
}

/// The gate: what a request costs, if the limit admits it.
fn afford(history: &History, request: &Request) -> Result<String, Error> {
    let asked = request.losses(&history.account.order)?;
    if history.account.admits(&asked) {
        return Ok(Loss::told(&asked));
    }
    Err(Error::BudgetExhausted(Box::new(Exhausted { account: history.account.clone(), asked })))
}

/// Sixteen random bytes.
fn nonce() -> Result<[u8; 16], Error> {
    let mut bytes = [0; 16];
    system_rng()?.fill_bytes(&mut bytes);
    Ok(bytes)
}

#[cfg(test)]
mod tests;
