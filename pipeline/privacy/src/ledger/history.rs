//! The verified content of a ledger: what a reader may believe after every entry was checked.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::accountant::Account;
use crate::domain::Measurement;
use crate::error::Error;
use crate::measure::Budget;
use crate::request::{ReleaseId, sha256};
use crate::text;
use crate::unit::UNIT;

use super::event::{Cost, Entry, Event, Stated};
use super::log::{Head, Log, Witness};

/// What is known of one release.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) measurements: Arc<[Measurement]>,
    pub(super) archived: Option<[u8; 32]>,
}

/// What is known of one series: what was paid for, and which release fills each period.
#[derive(Clone, Debug)]
pub(super) struct Series {
    pub(super) measurements: Arc<[Measurement]>,
    pub(super) periods: BTreeMap<String, ReleaseId>,
}

/// All entries, verified, and what they add up to.
#[derive(Clone, Debug)]
pub(super) struct History {
    pub(super) entries: Vec<Entry>,
    pub(super) hashes: Vec<[u8; 32]>,
    pub(super) id: [u8; 16],
    pub(super) key_id: String,
    pub(super) account: Account,
    stated: Stated,
    pub(super) slots: BTreeMap<ReleaseId, Slot>,
    pub(super) series: BTreeMap<ReleaseId, Series>,
}

impl History {
    /// The history of a first entry. [`History::extend`] takes in the others.
    pub(super) fn begin(bytes: &[u8]) -> Result<Self, Error> {
        let corrupt = |why| Error::Corrupt { index: 0, why };
        let read = Entry::parse(bytes, &mut Stated::default()).ok_or_else(|| corrupt("it is not in canonical form"))?;
        let entry = read.0;
        let Event::Open { ledger, unit, limit, key_id } = &entry.event else {
            return Err(corrupt("the first entry does not open a ledger"));
        };
        if entry.index != 0 || entry.previous != [0; 32] {
            return Err(corrupt("it is not a first entry"));
        }
        if unit != UNIT || !text::is_line(key_id) {
            return Err(corrupt("it counts another privacy unit, or names no key"));
        }
        let account = Account::new(limit.clone());
        Ok(Self {
            id: *ledger,
            key_id: key_id.clone(),
            stated: Stated::new(account.order.clone()),
            account,
            slots: BTreeMap::new(),
            series: BTreeMap::new(),
            hashes: vec![sha256(bytes)],
            entries: vec![entry],
        })
    }

    /// Takes in what has come to the log since, and brings the witness up to it.
    ///
    /// # Privacy
    /// The last entry that is known is read once more: a log that was put back, or in the place of another, is noticed. The
    /// witness is read first, as in [`Ledger::open`](super::Ledger::open), and again after it was brought up: of two copies of a
    /// ledger that grow at once under one witness, it then remembers an entry that one of them does not have.
    ///
    /// # Checked by
    /// `ledger::tests::damage::an_old_copy_is_refused`, `ledger::tests::races::of_two_copies_that_grow_at_once_one_is_granted`
    pub(super) fn follow(&mut self, log: &impl Log, witness: &impl Witness) -> Result<(), Error> {
        loop {
            let witnessed = witness.read().map_err(Error::Log)?.ok_or(Error::WitnessMissing)?;
            let known = self.length().saturating_sub(1);
            let entries = log.read(known).map_err(Error::Log)?;
            match entries.split_first() {
                Some((last, new)) if sha256(last) == self.head().hash => self.extend(new, &witnessed)?,
                Some(_) => return Err(Error::LedgerDiverged { witnessed: self.length() }),
                None => return Err(Error::LedgerBehind { length: known, witnessed: self.length() }),
            }
            if self.length() <= witnessed.length {
                return Ok(());
            }
            witness.advance(&self.head()).map_err(Error::Log)?;
        }
    }

    /// Takes in the entries that follow, if they contain what was witnessed. An error names the first that is not what it should be.
    ///
    /// # Privacy
    /// Every entry is in canonical form, has its own index and the hash of the entry before it. Every reservation
    /// states the cost that its measurements have. That each reservation was admitted is not decided anew: the gate
    /// decided when it was written, and a later version of the conversion must not declare old ledgers void. The chain is held
    /// against the witness before any entry counts, so what counts after an error was witnessed too.
    pub(super) fn extend(&mut self, log: &[Vec<u8>], witnessed: &Head) -> Result<(), Error> {
        let chained = self.chain(log).and_then(|entries| self.check(witnessed).map(|()| entries));
        let counted = chained.and_then(|entries| entries.into_iter().try_for_each(|(entry, cost)| self.count(entry, cost)));
        self.hashes.truncate(self.entries.len());
        counted
    }

    /// The entries that follow, whose hashes join those that are known.
    fn chain(&mut self, log: &[Vec<u8>]) -> Result<Vec<(Entry, Option<Cost>)>, Error> {
        let mut entries = Vec::with_capacity(log.len());
        for bytes in log {
            let index = self.length();
            let corrupt = |why| Error::Corrupt { index, why };
            let read = Entry::parse(bytes, &mut self.stated).ok_or_else(|| corrupt("it is not in canonical form"))?;
            let entry = &read.0;
            if entry.index != index {
                return Err(corrupt("it states another index"));
            }
            if Some(&entry.previous) != self.hashes.last() {
                return Err(corrupt("it does not follow the entry before it"));
            }
            self.hashes.push(sha256(bytes));
            entries.push(read);
        }
        Ok(entries)
    }

    /// Takes in an entry that was chained, if its event may stand here.
    fn count(&mut self, entry: Entry, cost: Option<Cost>) -> Result<(), Error> {
        self.apply(&entry.event, cost).map_err(|why| Error::Corrupt { index: entry.index, why })?;
        self.entries.push(entry);
        Ok(())
    }

    /// What a later event does to the account, if it may stand here.
    fn apply(&mut self, event: &Event, cost: Option<Cost>) -> Result<(), &'static str> {
        match event {
            Event::Open { .. } => Err("a ledger is opened once"),
            Event::Reserve { release, charge, measurements } => {
                self.pay(charge, cost)?;
                self.fill(*release, measurements)
            }
            Event::Series { series, charge, measurements } => {
                self.pay(charge, cost)?;
                let reserved = Series { measurements: Arc::clone(measurements), periods: BTreeMap::new() };
                if self.series.insert(*series, reserved).is_some() { Err("its series is reserved already") } else { Ok(()) }
            }
            Event::Period { release, series, period, measurements } => {
                let reserved = self.series.get_mut(series).ok_or("its series is not reserved")?;
                if !reserved.pays_for(measurements) {
                    return Err("its measurements are not those of its series");
                }
                if !text::is_line(period) || reserved.periods.insert(period.clone(), *release).is_some() {
                    return Err("its period has no name, or is filled already");
                }
                self.fill(*release, measurements)
            }
            Event::Archived { release, hash } => {
                let slot = self.slots.get_mut(release).ok_or("its release is not reserved")?;
                if slot.archived.replace(*hash).is_some() { Err("its release is archived already") } else { Ok(()) }
            }
            Event::Raise { limit, reason } => {
                if is_lower(limit, self.account.limit()) || !text::is_line(reason) {
                    return Err("it lowers the limit, or gives no reason");
                }
                self.account.raise(limit.clone());
                Ok(())
            }
        }
    }

    /// Takes in what a reservation costs, if it states what its measurements cost.
    fn pay(&mut self, charge: &str, cost: Option<Cost>) -> Result<(), &'static str> {
        let cost = cost.ok_or("its tables cannot be reserved")?;
        if cost.1 != charge {
            return Err("its charge is not that of its measurements");
        }
        self.account.add(&cost.0);
        Ok(())
    }

    /// A release takes its place, once.
    fn fill(&mut self, release: ReleaseId, measurements: &Arc<[Measurement]>) -> Result<(), &'static str> {
        let slot = Slot { measurements: Arc::clone(measurements), archived: None };
        if self.slots.insert(release, slot).is_some() { Err("its release is reserved already") } else { Ok(()) }
    }

    /// The number of entries.
    pub(super) fn length(&self) -> u64 {
        // A vector's length fits in 64 bits.
        u64::try_from(self.hashes.len()).unwrap_or(u64::MAX)
    }

    /// The last entry's place and hash.
    pub(super) fn head(&self) -> Head {
        Head { ledger: self.id, length: self.length(), hash: self.hashes.last().copied().unwrap_or_default() }
    }

    /// Whether this history contains everything that was witnessed.
    ///
    /// # Privacy
    /// The witnessed hash covers all entries up to it, so an equal hash at that length means an equal history.
    ///
    /// # Checked by
    /// `ledger::tests::damage::an_old_copy_is_refused`, `ledger::tests::damage::a_foreign_ledger_is_refused`
    pub(super) fn check(&self, witnessed: &Head) -> Result<(), Error> {
        if witnessed.ledger != self.id {
            return Err(Error::WitnessForeign);
        }
        if self.length() < witnessed.length {
            return Err(Error::LedgerBehind { length: self.length(), witnessed: witnessed.length });
        }
        let last = witnessed.length.checked_sub(1).and_then(|last| usize::try_from(last).ok());
        if last.and_then(|last| self.hashes.get(last)) != Some(&witnessed.hash) {
            return Err(Error::LedgerDiverged { witnessed: witnessed.length });
        }
        Ok(())
    }

    /// The entry that would come next.
    pub(super) fn next(&self, event: Event, nonce: [u8; 16], time: u64) -> Entry {
        Entry { index: self.length(), previous: self.hashes.last().copied().unwrap_or_default(), nonce, time, event }
    }
}

impl Series {
    /// Whether these are its tables: as many, in the same order, each with the same bound and noise.
    pub(super) fn pays_for(&self, measurements: &[Measurement]) -> bool {
        let both = || measurements.iter().zip(&*self.measurements);
        measurements.len() == self.measurements.len() && both().all(|(period, series)| period.is_period_of(series))
    }
}

/// Whether one limit is below another in epsilon or in any part of delta.
pub(super) fn is_lower(limit: &Budget, than: &Budget) -> bool {
    let parts = |of: &Budget| [of.noise_delta(), of.keys_delta().clone(), of.basic_delta().clone()];
    // Of a delta that stays as it was no part is lower: almost always epsilon alone is raised.
    let stays = [limit.delta(), limit.keys_delta(), limit.basic_delta()] == [than.delta(), than.keys_delta(), than.basic_delta()];
    limit.epsilon() < than.epsilon() || (!stays && parts(limit).iter().zip(&parts(than)).any(|(limit, than)| limit < than))
}
