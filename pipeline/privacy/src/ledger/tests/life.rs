//! What a ledger is for: budgets, releases, limits.

use super::*;
use crate::ledger::event::Stated;

#[test]
fn a_release_goes_through_the_door() {
    let (log, witness) = Default::default();
    let mut ledger = create(&log, &witness);
    let bytes = publish(&mut ledger, "a", "2/1");
    let release = ledger.release(&bytes).unwrap();
    assert_eq!(release.id(), ReleaseId::of(b"a"));
    assert_eq!(release.description(), b"{}");
    assert_eq!(release.tables()[0].values().len(), 2);
    assert_eq!(ledger.archived(release.id()), Some(release.hash()));
    assert_eq!(charges(&ledger), ["pure 1/2"]);
    assert!(ledger.open_reservations().is_empty());
    let reopened = Ledger::open(&log, &witness).unwrap();
    assert_eq!(reopened.entries(), ledger.entries());
    assert_eq!((reopened.head(), reopened.key_id()), (ledger.head(), "key-7"));
    assert_eq!(*witness.0.lock().unwrap(), Some(ledger.head()));
}

#[test]
fn a_ledger_is_created_once() {
    let (log, witness) = Default::default();
    assert_eq!(Ledger::open(&log, &witness).unwrap_err(), Error::NoLedger);
    create(&log, &witness);
    fn again(log: &MemoryLog, witness: &MemoryWitness) -> Error {
        Ledger::create(log, witness, budget("1", "0"), "key", NOW).unwrap_err()
    }
    assert_eq!(again(&log, &witness), Error::AlreadyOpen);
    assert_eq!(again(&MemoryLog::default(), &witness), Error::AlreadyOpen, "the ledger's folder is gone");
    assert_eq!(again(&log, &MemoryWitness::default()), Error::AlreadyOpen, "the key zone is gone");
    let empty = (MemoryLog::default(), MemoryWitness::default());
    assert!(Ledger::create(&empty.0, &empty.1, budget("1", "0"), "two\nlines", NOW).is_err());
    assert!(empty.0.read(0).unwrap().is_empty());
}

#[test]
fn the_budget_ends() {
    let (log, witness) = Default::default();
    let mut ledger = create(&log, &witness);
    publish(&mut ledger, "a", "2/1");
    publish(&mut ledger, "b", "2/1");
    let Error::BudgetExhausted(told) = ledger.reserve(&request("c", "1000/1"), NOW).unwrap_err() else {
        panic!("it was admitted")
    };
    assert_eq!(&told.account, ledger.account());
    assert_eq!(Loss::told(&told.asked), "pure 1/1000");
    assert_eq!(ledger.entries().len(), 5, "a refusal writes nothing");
    assert!(matches!(ledger.reserve(&request("a", "2/1"), NOW).unwrap(), Reservation::Archived { .. }));
}

/// What is set aside for private keys is written down, comes back, and is only raised; its share is not taken from noise.
#[test]
fn a_part_of_delta_is_set_aside_for_keys() {
    let (log, witness) = (MemoryLog::default(), MemoryWitness::default());
    let mut ledger = create(&log, &witness);
    let limit = |delta, keys| budget("1", delta).with_keys_delta(keys_delta(keys)).unwrap();
    assert_eq!(ledger.raise(&limit("1e-6", "1e-7"), "no", NOW).unwrap_err(), Error::LimitLowered);
    ledger.raise(&limit("1.1e-6", "1e-7"), "Beslut 13", NOW).unwrap();
    assert_eq!(ledger.raise(&limit("2e-6", "9e-8"), "no", NOW).unwrap_err(), Error::LimitLowered);
    let reopened = Ledger::open(&log, &witness).unwrap();
    assert_eq!(reopened.limit(), &limit("1.1e-6", "1e-7"));
    let text = String::from_utf8(log.read(0).unwrap().pop().unwrap()).unwrap();
    assert!(text.ends_with("event: raise\nepsilon: 1/1\ndelta: 11/10000000\nkeys-delta: 1/10000000\nreason: Beslut 13\n"));
    for (wrong, to) in [("1/10000000", "0/1"), ("1/10000000", "2/20000000"), ("1/10000000", "1/2")] {
        let changed = text.replace(&format!("keys-delta: {wrong}"), &format!("keys-delta: {to}"));
        assert!(changed != text && Entry::parse(changed.as_bytes(), &mut Stated::default()).is_none(), "{to}");
    }
    assert!(Entry::parse(text.as_bytes(), &mut Stated::default()).is_some());
    let (log, witness) = (MemoryLog::default(), MemoryWitness::default());
    let ledger = Ledger::create(&log, &witness, limit("1e-6", "1e-6"), "key-7", NOW).unwrap();
    assert_eq!(Ledger::open(&log, &witness).unwrap().limit(), ledger.limit());
}

fn keys_delta(text: &str) -> crate::Rational {
    crate::rational::parse_decimal(text).unwrap()
}

#[test]
fn a_limit_is_only_raised() {
    let (log, witness) = Default::default();
    let mut ledger = create(&log, &witness);
    publish(&mut ledger, "a", "1/1");
    assert!(ledger.reserve(&request("b", "1/1"), NOW).is_err());
    for lower in [budget("0.5", "1e-6"), budget("2", "1e-7"), budget("0.9", "1e-5")] {
        assert_eq!(ledger.raise(&lower, "no", NOW).unwrap_err(), Error::LimitLowered);
    }
    assert!(ledger.raise(&budget("2", "1e-6"), "", NOW).is_err());
    ledger.raise(&budget("2", "1e-6"), "Beslut 12, två år till", NOW).unwrap();
    ledger.raise(&budget("2", "1e-6"), "again", NOW).unwrap();
    assert_eq!((ledger.entries().len(), ledger.limit()), (4, &budget("2", "1e-6")));
    assert!(ledger.reserve(&request("b", "1/1"), NOW).is_ok());
    assert!(Ledger::open(&log, &witness).is_ok());
}

#[test]
fn a_resumed_release_is_charged_once() {
    let (log, witness) = Default::default();
    let mut ledger = create(&log, &witness);
    let first = granted(ledger.reserve(&request("a", "1/1"), NOW).unwrap());
    drop(draw(first));
    assert_eq!(ledger.open_reservations(), [ReleaseId::of(b"a")]);
    // The run died. Another one begins.
    let mut ledger = Ledger::open(&log, &witness).unwrap();
    let second = granted(ledger.reserve(&request("a", "1/1"), NOW + 9).unwrap());
    assert_eq!((ledger.entries().len(), ledger.account().releases()), (2, 1));
    let other = request("a", "2/1");
    assert_eq!(ledger.reserve(&other, NOW).unwrap_err(), Error::ReservationDiffers(other.release()));
    let sealed = draw(second);
    ledger.record_archived(sealed.release(), sealed.bytes(), NOW).unwrap();
    assert_eq!((ledger.entries().len(), ledger.account().releases()), (3, 1));
}

#[test]
fn an_archive_must_fit_its_reservation() {
    let (log, witness) = Default::default();
    let mut ledger = create(&log, &witness);
    let sealed = draw(granted(ledger.reserve(&request("a", "4/1"), NOW).unwrap()));
    drop(ledger.reserve(&request("b", "4/1"), NOW).unwrap());
    let id = sealed.release();
    let nobody = ReleaseId::of(b"nobody");
    let differs = |release| Err(Error::ArchiveDiffers(release));
    assert_eq!(ledger.record_archived(nobody, sealed.bytes(), NOW), Err(Error::NotReserved(nobody)));
    assert_eq!(ledger.record_archived(ReleaseId::of(b"b"), sealed.bytes(), NOW), differs(ReleaseId::of(b"b")));
    let less_noise = String::from_utf8(sealed.bytes().to_vec()).unwrap().replace("scale 4/1", "scale 1/1");
    assert_eq!(ledger.record_archived(id, less_noise.as_bytes(), NOW), differs(id));
    assert!(matches!(ledger.record_archived(id, b"", NOW), Err(Error::Syntax { .. })));
    assert_eq!(ledger.open_reservations().len(), 2);
}

#[test]
fn only_recorded_bytes_are_a_release() {
    let (log, witness) = Default::default();
    let mut ledger = create(&log, &witness);
    let sealed = draw(granted(ledger.reserve(&request("a", "4/1"), NOW).unwrap()));
    assert_eq!(ledger.release(sealed.bytes()).unwrap_err(), Error::NotArchived(sealed.release()));
    ledger.record_archived(sealed.release(), sealed.bytes(), NOW).unwrap();
    assert!(ledger.release(sealed.bytes()).is_ok());
    let text = String::from_utf8(sealed.bytes().to_vec()).unwrap();
    let changed = text.replace("description: 2\n{}", "description: 2\n[]");
    assert_eq!(ledger.release(changed.as_bytes()).unwrap_err(), Error::ArchiveDiffers(sealed.release()));
    let foreign = text.replace(&sealed.release().to_string(), &ReleaseId::of(b"b").to_string());
    assert_eq!(ledger.release(foreign.as_bytes()).unwrap_err(), Error::NotReserved(ReleaseId::of(b"b")));
}

/// The gate counts both kinds of charges through a whole ledger.
#[test]
fn gaussian_releases_close_the_pure_filter() {
    let (log, witness) = Default::default();
    let mut ledger = create(&log, &witness);
    let gaussian = |name: &str, variance: &str| {
        let line = format!("t cells 2 l1 1 l2-squared 1 discrete-gaussian variance {variance}");
        Request::new(ReleaseId::of(name.as_bytes()), vec![crate::domain::tests::measurement(&line).unwrap()]).unwrap()
    };
    assert!(ledger.reserve(&gaussian("too much", "20/1"), NOW).is_err());
    assert!(ledger.reserve(&gaussian("a", "25/1"), NOW).is_ok(), "rho = 0.02 of 0.024356");
    assert!(ledger.reserve(&request("b", "1/1"), NOW).is_err(), "epsilon 1 would pass alone");
    assert!(ledger.reserve(&request("c", "11/1"), NOW).is_ok(), "rho = 0.0041");
    assert!(ledger.reserve(&request("d", "11/1"), NOW).is_err());
}

#[test]
fn the_entry_format_stands_still() {
    let (log, witness) = Default::default();
    let mut ledger = create(&log, &witness);
    let bytes = publish(&mut ledger, "a", "4/1");
    ledger.raise(&budget("3", "1e-6"), "more", NOW).unwrap();
    let lines = |index: usize| -> Vec<String> {
        let text = String::from_utf8(log.read(0).unwrap()[index].clone()).unwrap();
        text.lines().map(str::to_owned).collect()
    };
    let keys =
        |index| -> Vec<String> { lines(index).iter().skip(1).map(|line| line.split(':').next().unwrap().to_owned()).collect() };
    assert_eq!(lines(0)[0], "utfall ledger 1");
    assert_eq!(keys(0).join(" "), "index previous nonce time event ledger unit epsilon delta key");
    assert_eq!(keys(1).join(" "), "index previous nonce time event release charge measurement");
    assert_eq!(keys(2).join(" "), "index previous nonce time event release hash");
    assert_eq!(keys(3).join(" "), "index previous nonce time event epsilon delta reason");
    assert_eq!(lines(1)[8], "measurement: t cells 2 l1 1 l2-squared 1 discrete-laplace scale 4/1");
    assert_eq!(lines(2)[7], format!("hash: {}", text::to_hex(&sha256(&bytes))));
    assert_eq!(lines(1)[2], format!("previous: {}", text::to_hex(&sha256(&log.read(0).unwrap()[0]))));
    assert_eq!(lines(3)[6..], ["epsilon: 3/1", "delta: 1/1000000", "reason: more"]);
}
