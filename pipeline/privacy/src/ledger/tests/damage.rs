//! What a ledger refuses: changed, missing, foreign and old entries.

use super::*;

#[test]
fn another_unit_is_refused() {
    let (log, witness) = Default::default();
    create(&log, &witness);
    let text = String::from_utf8(log.read(0).unwrap()[0].clone()).unwrap();
    assert!(text.contains("\nunit: person\n"));
    *log.0.lock().unwrap() = vec![text.replace("unit: person", "unit: row").into_bytes()];
    assert!(matches!(Ledger::open(&log, &witness).unwrap_err(), Error::Corrupt { index: 0, .. }));
}

/// Every changed byte of every entry is found, and the error names the entry or the one after it.
#[test]
fn a_changed_byte_is_found() {
    let (log, witness) = Default::default();
    let mut ledger = create(&log, &witness);
    publish(&mut ledger, "a", "4/1");
    ledger.raise(&budget("3", "1e-6"), "more", NOW).unwrap();
    let entries = log.read(0).unwrap();
    for (index, entry) in entries.iter().enumerate() {
        for place in 0..entry.len() {
            let mut changed = entries.clone();
            changed[index][place] ^= 1;
            *log.0.lock().unwrap() = changed;
            let named = match Ledger::open(&log, &witness).unwrap_err() {
                Error::Corrupt { index, .. } => index,
                // The head of the last entry, and the id in the first one, are the witness's to compare.
                Error::LedgerDiverged { .. } | Error::WitnessForeign => index as u64,
                error => panic!("{error}"),
            };
            assert!(named == index as u64 || named == index as u64 + 1, "entry {index}, byte {place}: {named}");
        }
    }
    *log.0.lock().unwrap() = entries;
    assert!(Ledger::open(&log, &witness).is_ok());
}

#[test]
fn reordered_missing_and_strange_entries_are_found() {
    let (log, witness) = Default::default();
    let mut ledger = create(&log, &witness);
    publish(&mut ledger, "a", "4/1");
    publish(&mut ledger, "b", "4/1");
    let entries = log.read(0).unwrap();
    let corrupt = |change: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut changed = entries.clone();
        change(&mut changed);
        *log.0.lock().unwrap() = changed;
        match Ledger::open(&log, &witness).unwrap_err() {
            Error::Corrupt { index, .. } => index,
            error => panic!("{error}"),
        }
    };
    assert_eq!(corrupt(&|log| log.swap(2, 3)), 2);
    assert_eq!(corrupt(&|log| drop(log.remove(1))), 1);
    assert_eq!(corrupt(&|log| drop(log.remove(0))), 0);
    assert_eq!(corrupt(&|log| log.insert(1, log[1].clone())), 2);
    assert_eq!(corrupt(&|log| log[3].clear()), 3);
    assert_eq!(corrupt(&|log| log[3].push(b'\n')), 3);
    assert_eq!(corrupt(&|log| log[4].extend_from_slice(b"note: x\n")), 4);
}

/// Entries that chain correctly but say what cannot be: found by meaning, not by hash.
#[test]
fn impossible_events_are_found() {
    let (log, witness) = Default::default();
    let mut ledger = create(&log, &witness);
    publish(&mut ledger, "a", "4/1");
    let asked = request("b", "4/1");
    let reserve = |request: &Request, charge: &str| Event::Reserve {
        release: request.release(),
        charge: charge.to_owned(),
        measurements: request.measurements().into(),
    };
    let raise = |epsilon, reason: &str| Event::Raise { limit: budget(epsilon, "1e-6"), reason: reason.to_owned() };
    let archived = |release| Event::Archived { release, hash: [1; 32] };
    let impossible = [
        ledger.entries()[0].event().clone(),
        reserve(&asked, "pure 1/5"),
        reserve(&request("a", "4/1"), "pure 1/4"),
        archived(ReleaseId::of(b"a")),
        archived(ReleaseId::of(b"b")),
        raise("1/2", "less"),
        raise("2", " "),
        Event::Reserve { release: asked.release(), charge: "pure 0/1".to_owned(), measurements: Vec::new().into() },
    ];
    for event in impossible {
        let entry = ledger.history.next(event.clone(), [0; 16], NOW);
        log.0.lock().unwrap().push(entry.encode());
        assert!(matches!(Ledger::open(&log, &witness), Err(Error::Corrupt { index: 3, .. })), "{event:?}");
        log.0.lock().unwrap().pop();
    }
    let entry = ledger.history.next(reserve(&asked, "pure 1/4"), [0; 16], NOW);
    log.put(3, &entry.encode()).unwrap();
    assert!(Ledger::open(&log, &witness).is_ok());
}

#[test]
fn an_old_copy_is_refused() {
    let (log, witness) = Default::default();
    let mut ledger = create(&log, &witness);
    publish(&mut ledger, "a", "4/1");
    let yesterday = MemoryLog(Mutex::new(log.read(0).unwrap()));
    publish(&mut ledger, "b", "4/1");
    assert_eq!(Ledger::open(&yesterday, &witness).unwrap_err(), Error::LedgerBehind { length: 3, witnessed: 5 });
    let gone = MemoryLog::default();
    assert_eq!(Ledger::open(&gone, &witness).unwrap_err(), Error::LedgerBehind { length: 0, witnessed: 5 });
    // The old copy lived on: as long as the witness remembers, but another history.
    let stale = MemoryWitness::default();
    let mut fork = {
        stale.advance(&Ledger::open(&yesterday, &MemoryWitness(Mutex::new(Some(head_of(&yesterday))))).unwrap().head()).unwrap();
        Ledger::open(&yesterday, &stale).unwrap()
    };
    publish(&mut fork, "c", "4/1");
    publish(&mut fork, "d", "4/1");
    assert_eq!(Ledger::open(&yesterday, &witness).unwrap_err(), Error::LedgerDiverged { witnessed: 5 });
    // A running process notices as well.
    *log.0.lock().unwrap() = yesterday.read(0).unwrap();
    assert!(ledger.reserve(&request("e", "1000/1"), NOW).is_err());
    assert!(ledger.follow().is_err());
}

fn head_of(log: &MemoryLog) -> Head {
    of_entries(&log.read(0).unwrap()).unwrap().head()
}

#[test]
fn a_foreign_ledger_is_refused() {
    let (log, witness) = Default::default();
    let (other_log, other_witness) = Default::default();
    create(&log, &witness);
    create(&other_log, &other_witness);
    assert_eq!(Ledger::open(&other_log, &witness).unwrap_err(), Error::WitnessForeign);
    assert_eq!(Ledger::open(&log, &MemoryWitness::default()).unwrap_err(), Error::WitnessMissing);
}

#[test]
fn a_witness_that_is_behind_catches_up() {
    let (log, witness) = Default::default();
    let mut ledger = create(&log, &witness);
    let early = ledger.head();
    publish(&mut ledger, "a", "4/1");
    let late = MemoryWitness(Mutex::new(Some(early)));
    Ledger::open(&log, &late).unwrap();
    assert_eq!(*late.0.lock().unwrap(), Some(ledger.head()));
}
