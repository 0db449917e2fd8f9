//! What any [`Log`] and [`Witness`] must pass: the contracts on which the ledger's guarantee rests, as a suite for whoever writes
//! another storage. It is compiled into tests alone: the core's own, and those of whoever
//! includes it by its path.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a suite of tests says what it expects, and fails by panicking"
)]

use super::{Head, Log, PutError, Witness};

/// So many writers try one index at a time.
const WRITERS: u8 = 8;
/// So many indices are tried so.
const INDICES: u64 = 12;

/// An empty log that nobody else writes to: each index is written once, by one of many writers, and read as that one wrote it.
///
/// # Panics
/// Where the log breaks its contract, with what it did.
pub(crate) fn ledger_log(log: &(dyn Log + Sync)) {
    assert_eq!(log.read(0).unwrap(), Vec::<Vec<u8>>::new(), "a new log is empty");
    let mut expected: Vec<Vec<u8>> = Vec::new();
    for index in 0..INDICES {
        // Entries of any bytes and length, one of them empty.
        let entry = |writer: u8| vec![writer; usize::from(writer) * 700];
        let put = |writer: u8| log.put(index, &entry(writer));
        let results: Vec<Result<(), PutError>> = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS).map(|writer| scope.spawn(move || put(writer))).collect();
            writers.into_iter().map(|writer| writer.join().unwrap()).collect()
        });
        let won: Vec<u8> = (0..WRITERS).filter(|writer| results[usize::from(*writer)].is_ok()).collect();
        assert_eq!(won.len(), 1, "one writer of index {index} succeeds: {results:?}");
        let lost = results.iter().filter(|result| **result == Err(PutError::Exists)).count();
        assert_eq!(lost, usize::from(WRITERS) - 1, "the others are told that it is taken: {results:?}");
        expected.push(entry(won[0]));
        assert_eq!(log.read(0).unwrap(), expected, "what the one wrote is what everybody reads");
        assert_eq!(log.read(index).unwrap(), expected[expected.len() - 1..], "and from an index on, the rest");
        assert_eq!(log.put(index, b"later"), Err(PutError::Exists), "an index is never written again");
    }
    assert_eq!(log.put(0, b"later"), Err(PutError::Exists));
    assert_eq!(log.read(0).unwrap(), expected);
}

/// A witness that has seen nothing, and that nobody else writes to: it remembers the longest head that it was shown.
///
/// # Panics
/// Where the witness breaks its contract, with what it did.
pub(crate) fn ledger_witness(witness: &(dyn Witness + Sync)) {
    let head = |length: u64| Head { ledger: [7; 16], length, hash: [u8::try_from(length % 251).unwrap(); 32] };
    assert_eq!(witness.read().unwrap(), None, "a new witness has seen nothing");
    for length in [1, 2, 9] {
        witness.advance(&head(length)).unwrap();
        assert_eq!(witness.read().unwrap(), Some(head(length)));
    }
    witness.advance(&head(3)).unwrap();
    assert_eq!(witness.read().unwrap(), Some(head(9)), "a shorter head changes nothing");
    std::thread::scope(|scope| {
        for length in 10..26 {
            scope.spawn(move || witness.advance(&head(length)).unwrap());
        }
    });
    assert_eq!(witness.read().unwrap(), Some(head(25)), "of many at once the longest stays");
}
