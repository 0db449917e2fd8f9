//! Failing storage, and several runs at once.

use std::thread;

use super::*;

/// A log whose next put fails, after writing or without.
struct FaultyLog<'a> {
    log: &'a MemoryLog,
    writes: bool,
    faults: Mutex<u32>,
}

impl Log for FaultyLog<'_> {
    fn read(&self, from: u64) -> Result<Vec<Vec<u8>>, LogError> {
        self.log.read(from)
    }

    fn put(&self, index: u64, bytes: &[u8]) -> Result<(), PutError> {
        let mut faults = self.faults.lock().unwrap();
        if *faults == 0 {
            return self.log.put(index, bytes);
        }
        *faults -= 1;
        if self.writes {
            self.log.put(index, bytes)?;
        }
        Err(PutError::Other("connection reset".into()))
    }
}

/// A witness that cannot be written.
struct StuckWitness<'a>(&'a MemoryWitness);

impl Witness for StuckWitness<'_> {
    fn read(&self) -> Result<Option<Head>, LogError> {
        self.0.read()
    }

    fn advance(&self, _: &Head) -> Result<(), LogError> {
        Err(LogError("read-only".into()))
    }
}

#[test]
fn the_first_archive_stands() {
    let (log, witness) = Default::default();
    let (mut one, mut other) = (create(&log, &witness), Ledger::open(&log, &witness).unwrap());
    let first = granted(one.reserve(&request("a", "1/1"), NOW).unwrap());
    let second = granted(other.reserve(&request("a", "1/1"), NOW).unwrap());
    assert_eq!(other.account().releases(), 1, "two grants, one charge");
    let exact = |value| vec![Exact::new(vec![value, value], &Proved::assumed(1, 1))];
    let (first, second) = (first.draw(exact(0), b"").unwrap(), second.draw(exact(1_000), b"").unwrap());
    one.record_archived(first.release(), first.bytes(), NOW).unwrap();
    other.record_archived(first.release(), first.bytes(), NOW).unwrap();
    let refused = other.record_archived(second.release(), second.bytes(), NOW).unwrap_err();
    assert_eq!(refused, Error::ArchiveDiffers(first.release()));
    assert!(other.release(second.bytes()).is_err());
    assert_eq!(one.release(first.bytes()).unwrap(), other.release(first.bytes()).unwrap());
    assert_eq!(other.entries().len(), 3);
}

/// Without the witness there is no grant; the charge stands, and the next run resumes it.
#[test]
fn no_grant_before_the_witness_knows() {
    let (log, witness) = Default::default();
    create(&log, &witness);
    let mut ledger = Ledger::open(&log, StuckWitness(&witness)).unwrap();
    assert!(matches!(ledger.reserve(&request("a", "1/1"), NOW), Err(Error::Log(_))));
    assert_eq!(log.read(0).unwrap().len(), 2);
    let mut ledger = Ledger::open(&log, &witness).unwrap();
    drop(granted(ledger.reserve(&request("a", "1/1"), NOW).unwrap()));
    assert_eq!(ledger.account().releases(), 1);
}

#[test]
fn a_put_that_seems_to_fail() {
    for writes in [true, false] {
        let (log, witness) = Default::default();
        create(&log, &witness);
        let faulty = FaultyLog { log: &log, writes, faults: Mutex::new(1) };
        let mut ledger = Ledger::open(&faulty, &witness).unwrap();
        let reserved = ledger.reserve(&request("a", "1/1"), NOW);
        assert_eq!(reserved.is_ok(), writes, "written is written, lost is an error");
        drop(granted(ledger.reserve(&request("a", "1/1"), NOW).unwrap()));
        assert_eq!((ledger.entries().len(), ledger.account().releases()), (2, 1));
    }
    for writes in [true, false] {
        let (log, witness): (MemoryLog, MemoryWitness) = Default::default();
        let faulty = FaultyLog { log: &log, writes, faults: Mutex::new(1) };
        assert_eq!(Ledger::create(&faulty, &witness, budget("1", "0"), "key", NOW).is_ok(), writes);
        assert_eq!(log.read(0).unwrap().len(), usize::from(writes));
    }
}

/// Eight runs, each with a release of its own, and budget for one.
#[test]
fn the_last_budget_is_won_once() {
    for _ in 0..20 {
        let (log, witness) = Default::default();
        let mut ledger = create(&log, &witness);
        publish(&mut ledger, "before", "2/1");
        let won: Vec<bool> = thread::scope(|scope| {
            let run = |name: String| {
                let (log, witness) = (&log, &witness);
                scope.spawn(move || {
                    let mut ledger = Ledger::open(log, witness).unwrap();
                    match ledger.reserve(&request(&name, "2/1"), NOW) {
                        Ok(reservation) => {
                            drop(draw(granted(reservation)));
                            true
                        }
                        Err(Error::BudgetExhausted(_)) => false,
                        Err(error) => panic!("{error}"),
                    }
                })
            };
            let runs: Vec<_> = (0..8).map(|i| run(format!("run {i}"))).collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        assert_eq!(won.iter().filter(|won| **won).count(), 1);
        assert_eq!(Ledger::open(&log, &witness).unwrap().account().releases(), 2);
    }
}

/// Eight runs of one release: all may draw, one charge, one archive.
#[test]
fn racers_on_one_release_share_a_charge() {
    for _ in 0..20 {
        let (log, witness) = Default::default();
        create(&log, &witness);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let mut ledger = Ledger::open(&log, &witness).unwrap();
                    if let Reservation::Granted(grant) = ledger.reserve(&request("a", "1/1"), NOW).unwrap() {
                        let sealed = draw(grant);
                        match ledger.record_archived(sealed.release(), sealed.bytes(), NOW) {
                            Ok(()) | Err(Error::ArchiveDiffers(_)) => {}
                            Err(error) => panic!("{error}"),
                        }
                    }
                });
            }
        });
        let ledger = Ledger::open(&log, &witness).unwrap();
        assert_eq!((ledger.account().releases(), ledger.entries().len()), (1, 3));
    }
}

/// A witness that shows what it remembered some reads ago: another process has told it more in the meantime.
struct Late<'a> {
    witness: &'a MemoryWitness,
    before: Head,
    reads: Mutex<u32>,
}

impl Witness for Late<'_> {
    fn read(&self) -> Result<Option<Head>, LogError> {
        let mut reads = self.reads.lock().unwrap();
        *reads = reads.saturating_sub(1);
        if *reads > 0 { Ok(Some(self.before)) } else { self.witness.read() }
    }

    fn advance(&self, head: &Head) -> Result<(), LogError> {
        self.witness.advance(head)
    }
}

/// Two copies of a ledger grow at once under one witness: whichever it remembers, the other is granted nothing, by however
/// many entries the first is ahead and however late the second hears of it.
#[test]
fn of_two_copies_that_grow_at_once_one_is_granted() {
    for (ahead, reads) in [(1, 3), (2, 3), (3, 3), (1, 2), (1, 1)] {
        let (log, witness) = Default::default();
        create(&log, &witness);
        let before = witness.read().unwrap().unwrap();
        let copy = MemoryLog(Mutex::new(log.read(0).unwrap()));
        let mut second = Ledger::open(&copy, Late { witness: &witness, before, reads: Mutex::new(100) }).unwrap();
        let mut first = Ledger::open(&log, &witness).unwrap();
        (0..ahead).for_each(|at| drop(first.reserve(&request(&format!("first {at}"), "16/1"), NOW).unwrap()));
        *second.witness.reads.lock().unwrap() = reads;
        let refused = second.reserve(&request("second", "16/1"), NOW).unwrap_err();
        assert!(matches!(refused, Error::LedgerDiverged { .. } | Error::LedgerBehind { .. }), "{ahead}, {reads}: {refused}");
    }
}
