//! How long a ledger takes to open and to write on, by how long it is. Measures and prints:
//! `cargo test -p utfall-privacy --lib -- --ignored growth --nocapture`.

use std::time::Instant;

use super::*;

/// Five tables, as a release has them: of fifty kinds.
fn tables(at: usize) -> Request {
    let kind = at % 50;
    let line = |table: usize| match (table + kind) % 3 {
        0 => format!("table_{table} cells 63 l1 3 l2-squared 9 discrete-gaussian variance {}/1000", 10_000_001 + kind * 20),
        _ => {
            let scale = 3_000_001 + kind * 20 + table * 2_000;
            format!("table_{table} cells 63 l1 3 l2-squared 9 discrete-laplace scale {scale}/1000")
        }
    };
    let tables = (0..5).map(|table| crate::domain::tests::measurement(&line(table)).unwrap()).collect();
    Request::new(ReleaseId::of(format!("release {at}").as_bytes()), tables).unwrap()
}

/// Writes one more event: a release is reserved, or the limit is raised.
fn grow(ledger: &mut TestLedger<'_>, reserves: bool) {
    let at = ledger.entries().len();
    if reserves {
        return drop(ledger.reserve(&tables(at), NOW).unwrap());
    }
    let basic = ledger.limit().basic_delta().clone();
    let limit = budget(&format!("{}", 1_000_000_000 + at), "1e-6").with_basic_delta(basic).unwrap();
    ledger.raise(&limit, "measured", NOW).unwrap();
}

#[test]
#[ignore = "measures"]
fn growth_of_the_ledger() {
    for (kind, reserves) in [("releases", true), ("raises", false)] {
        let (log, witness): (MemoryLog, MemoryWitness) = Default::default();
        let basic = crate::rational::parse_decimal("1e-7").unwrap();
        let limit = budget("1e9", "1e-6").with_basic_delta(basic).unwrap();
        let mut ledger = Ledger::create(&log, &witness, limit, "key-7", NOW).unwrap();
        let (sizes, mut opened) = ([1_000, 10_000, 100_000], Vec::new());
        println!("{:>9} of {kind:<9}  open, write (seconds)", "events");
        for events in sizes {
            while ledger.entries().len() < events {
                grow(&mut ledger, reserves);
            }
            let begun = Instant::now();
            drop(Ledger::open(&log, &witness).unwrap());
            opened.push(begun.elapsed().as_secs_f64());
            let begun = Instant::now();
            grow(&mut ledger, reserves);
            println!("{events:>9}              {:>9.4} {:>9.4}", opened[opened.len() - 1], begun.elapsed().as_secs_f64());
        }
        println!("{:>9}              {:>9.2}", "exponent", (opened[2] / opened[0]).ln() / 100_f64.ln());
    }
}
