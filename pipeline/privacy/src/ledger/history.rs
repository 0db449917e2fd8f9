//! The verified content of a ledger: what a reader may believe after every entry was checked.

use std::collections::BTreeMap;

use crate::accountant::Account;
use crate::domain::Measurement;
use crate::error::Error;
use crate::measure::{Budget, Loss};
use crate::request::{ReleaseId, Request};
use crate::text;
use crate::unit::UNIT;

use super::event::{Entry, Event};
use super::log::Head;

/// What is known of one release.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) measurements: Vec<Measurement>,
    pub(super) archived: Option<[u8; 32]>,
}

/// What is known of one series: what was paid for, and which release fills each period.
#[derive(Clone, Debug)]
pub(super) struct Series {
    pub(super) measurements: Vec<Measurement>,
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
    pub(super) slots: BTreeMap<ReleaseId, Slot>,
    pub(super) series: BTreeMap<ReleaseId, Series>,
}

impl History {
    /// Verifies a whole log. An error names the first entry that is not what it should be.
    ///
    /// # Privacy
    /// Every entry is in canonical form, has its own index and the hash of the entry before it. Every reservation
    /// states the cost that its measurements have. That each reservation was admitted is not decided anew: the gate
    /// decided when it was written, and a later version of the conversion must not declare old ledgers void.
    pub(super) fn verify(log: &[Vec<u8>]) -> Result<Self, Error> {
        let (first, rest) = log.split_first().ok_or(Error::NoLedger)?;
        let mut history = Self::begin(first)?;
        for bytes in rest {
            let index = history.length();
            let corrupt = |why| Error::Corrupt { index, why };
            let entry = Entry::parse(bytes).ok_or_else(|| corrupt("it is not in canonical form"))?;
            if entry.index != index {
                return Err(corrupt("it states another index"));
            }
            if Some(&entry.previous) != history.hashes.last() {
                return Err(corrupt("it does not follow the entry before it"));
            }
            history.apply(&entry.event).map_err(corrupt)?;
            history.hashes.push(entry.hash());
            history.entries.push(entry);
        }
        Ok(history)
    }

    /// The first entry.
    fn begin(bytes: &[u8]) -> Result<Self, Error> {
        let corrupt = |why| Error::Corrupt { index: 0, why };
        let entry = Entry::parse(bytes).ok_or_else(|| corrupt("it is not in canonical form"))?;
        let Event::Open { ledger, unit, limit, key_id } = &entry.event else {
            return Err(corrupt("the first entry does not open a ledger"));
        };
        if entry.index != 0 || entry.previous != [0; 32] {
            return Err(corrupt("it is not a first entry"));
        }
        if unit != UNIT || !text::is_line(key_id) {
            return Err(corrupt("it counts another privacy unit, or names no key"));
        }
        Ok(Self {
            id: *ledger,
            key_id: key_id.clone(),
            account: Account::new(limit.clone()),
            slots: BTreeMap::new(),
            series: BTreeMap::new(),
            hashes: vec![entry.hash()],
            entries: vec![entry],
        })
    }

    /// What a later event does to the account, if it may stand here.
    fn apply(&mut self, event: &Event) -> Result<(), &'static str> {
        match event {
            Event::Open { .. } => Err("a ledger is opened once"),
            Event::Reserve { release, charge, measurements } => {
                self.pay(*release, charge, measurements)?;
                self.fill(*release, measurements)
            }
            Event::Series { series, charge, measurements } => {
                self.pay(*series, charge, measurements)?;
                let reserved = Series { measurements: measurements.clone(), periods: BTreeMap::new() };
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
                if is_lower(limit, &self.account.limit) || !text::is_line(reason) {
                    return Err("it lowers the limit, or gives no reason");
                }
                self.account.limit = limit.clone();
                Ok(())
            }
        }
    }

    /// Takes in what a reservation costs, if it states what its measurements cost.
    fn pay(&mut self, id: ReleaseId, charge: &str, measurements: &[Measurement]) -> Result<(), &'static str> {
        let request = Request::new(id, measurements.to_vec()).map_err(|_| "its tables cannot be reserved")?;
        let losses = request.losses(&self.account.order).ok().filter(|losses| Loss::told(losses) == charge);
        self.account.releases.push(losses.ok_or("its charge is not that of its measurements")?);
        Ok(())
    }

    /// A release takes its place, once.
    fn fill(&mut self, release: ReleaseId, measurements: &[Measurement]) -> Result<(), &'static str> {
        let slot = Slot { measurements: measurements.to_vec(), archived: None };
        if self.slots.insert(release, slot).is_some() { Err("its release is reserved already") } else { Ok(()) }
    }

    /// The number of entries.
    pub(super) fn length(&self) -> u64 {
        // A vector's length fits in 64 bits.
        u64::try_from(self.entries.len()).unwrap_or(u64::MAX)
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
        let both = || measurements.iter().zip(&self.measurements);
        measurements.len() == self.measurements.len() && both().all(|(period, series)| period.is_period_of(series))
    }
}

/// Whether one limit is below another in epsilon or in any part of delta.
pub(super) fn is_lower(limit: &Budget, than: &Budget) -> bool {
    let parts = |of: &Budget| [of.epsilon().clone(), of.noise_delta(), of.keys_delta().clone(), of.basic_delta().clone()];
    parts(limit).iter().zip(&parts(than)).any(|(limit, than)| limit < than)
}
