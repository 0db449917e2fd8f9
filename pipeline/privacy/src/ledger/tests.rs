#[path = "../conformance.rs"]
mod conformance;
mod damage;
mod growth;
mod life;
mod races;
mod series;

use super::*;

use std::sync::Mutex;

use crate::certificate::Proved;
use crate::domain::Measurement;
use crate::release::{Exact, Sealed};

/// What was charged, release by release, as the ledger tells it.
fn charges<L, W>(ledger: &Ledger<L, W>) -> Vec<String> {
    let charge = |entry: &Entry| match entry.event() {
        Event::Reserve { charge, .. } | Event::Series { charge, .. } => Some(charge.clone()),
        _ => None,
    };
    ledger.entries().iter().filter_map(charge).collect()
}

const NOW: u64 = 1_767_225_600;

/// A log in memory. Behind the lock it behaves as put-if-absent on a disk does.
#[derive(Debug, Default)]
struct MemoryLog(Mutex<Vec<Vec<u8>>>);

impl Log for MemoryLog {
    fn read(&self, from: u64) -> Result<Vec<Vec<u8>>, LogError> {
        let entries = self.0.lock().unwrap();
        Ok(entries.get(usize::try_from(from).unwrap()..).unwrap_or_default().to_vec())
    }

    fn put(&self, index: u64, bytes: &[u8]) -> Result<(), PutError> {
        let mut entries = self.0.lock().unwrap();
        match usize::try_from(index).unwrap().cmp(&entries.len()) {
            std::cmp::Ordering::Less => Err(PutError::Exists),
            std::cmp::Ordering::Equal => {
                entries.push(bytes.to_vec());
                Ok(())
            }
            std::cmp::Ordering::Greater => Err(PutError::Other("a gap".into())),
        }
    }
}

#[derive(Debug, Default)]
struct MemoryWitness(Mutex<Option<Head>>);

impl Witness for MemoryWitness {
    fn read(&self) -> Result<Option<Head>, LogError> {
        Ok(*self.0.lock().unwrap())
    }

    fn advance(&self, head: &Head) -> Result<(), LogError> {
        let mut present = self.0.lock().unwrap();
        if present.is_none_or(|present| present.length < head.length) {
            *present = Some(*head);
        }
        Ok(())
    }
}

impl<T: Log + ?Sized> Log for &T {
    fn read(&self, from: u64) -> Result<Vec<Vec<u8>>, LogError> {
        (**self).read(from)
    }

    fn put(&self, index: u64, bytes: &[u8]) -> Result<(), PutError> {
        (**self).put(index, bytes)
    }
}

impl<T: Witness + ?Sized> Witness for &T {
    fn read(&self) -> Result<Option<Head>, LogError> {
        (**self).read()
    }

    fn advance(&self, head: &Head) -> Result<(), LogError> {
        (**self).advance(head)
    }
}

#[test]
fn what_is_in_memory_keeps_the_contracts() {
    conformance::ledger_log(&MemoryLog::default());
    conformance::ledger_witness(&MemoryWitness::default());
}

/// The history of these entries, by a witness that has seen the first.
fn of_entries(log: &[Vec<u8>]) -> Result<History, Error> {
    let mut history = History::begin(&log[0])?;
    let first = history.head();
    history.extend(&log[1..], &first).map(|()| history)
}

type TestLedger<'a> = Ledger<&'a MemoryLog, &'a MemoryWitness>;

fn budget(epsilon: &str, delta: &str) -> Budget {
    Budget::parse(epsilon, delta).unwrap()
}

fn create<'a>(log: &'a MemoryLog, witness: &'a MemoryWitness) -> TestLedger<'a> {
    Ledger::create(log, witness, budget("1", "1e-6"), "key-7", NOW).unwrap()
}

/// A release of one table of two cells that costs 1/scale.
fn request(name: &str, scale: &str) -> Request {
    let line = format!("t cells 2 l1 1 l2-squared 1 discrete-laplace scale {scale}");
    Request::new(ReleaseId::of(name.as_bytes()), vec![crate::domain::tests::measurement(&line).unwrap()]).unwrap()
}

fn granted(reservation: Reservation) -> Grant {
    match reservation {
        Reservation::Granted(grant) => grant,
        Reservation::Archived { .. } => panic!("archived already"),
    }
}

fn draw(grant: Grant) -> Sealed {
    let exact = Exact::new(vec![10, 20], &Proved::assumed(1, 1));
    grant.draw(vec![exact], b"{}").unwrap()
}

/// Reserves, draws and records: a whole release.
fn publish(ledger: &mut TestLedger<'_>, name: &str, scale: &str) -> Vec<u8> {
    let sealed = draw(granted(ledger.reserve(&request(name, scale), NOW).unwrap()));
    ledger.record_archived(sealed.release(), sealed.bytes(), NOW).unwrap();
    sealed.bytes().to_vec()
}
