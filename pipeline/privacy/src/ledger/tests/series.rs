//! Series: charged once, every period filled once, a second vintage charged again.

use super::*;

fn line(cells: u64, scale: &str) -> Vec<Measurement> {
    vec![crate::domain::tests::measurement(&format!("t cells {cells} l1 3 l2-squared 9 discrete-laplace scale {scale}")).unwrap()]
}

fn series(name: &str, scale: &str) -> Request {
    Request::new(ReleaseId::of(name.as_bytes()), line(2, scale)).unwrap()
}

fn period(name: &str, cells: u64, scale: &str) -> Request {
    Request::new(ReleaseId::of(name.as_bytes()), line(cells, scale)).unwrap()
}

/// Draws and records a period; gives what is published.
fn fill(ledger: &mut TestLedger<'_>, of: &Request, label: &str, cells: u64) -> Vec<u8> {
    let request = period(label, cells, "6/1");
    let grant = granted(ledger.reserve_period(of.release(), label, &request, NOW).unwrap());
    let exact = Exact::new(vec![5; usize::try_from(cells).unwrap()], &Proved::assumed(3, 9));
    let sealed = grant.draw(vec![exact], b"{}").unwrap();
    ledger.record_archived(sealed.release(), sealed.bytes(), NOW).unwrap();
    sealed.bytes().to_vec()
}

#[test]
fn a_series_is_charged_once() {
    let (log, witness) = Default::default();
    let mut ledger = create(&log, &witness);
    let first = series("first vintage", "6/1");
    ledger.reserve_series(&first, NOW).unwrap();
    ledger.reserve_series(&first, NOW).unwrap();
    for (label, cells) in [("2021-Q1", 2), ("2021-Q2", 2), ("2021-Q3", 4)] {
        let bytes = fill(&mut ledger, &first, label, cells);
        assert_eq!(ledger.release(&bytes).unwrap().tables()[0].values().len(), usize::try_from(cells).unwrap());
        assert!(ledger.periods(first.release()).any(|filled| filled == (label, ReleaseId::of(label.as_bytes()))));
    }
    assert_eq!(charges(&ledger), ["pure 1/2"]);
    assert_eq!((ledger.entries().len(), ledger.open_reservations().len()), (8, 0));
    let second = series("second vintage", "6/1");
    ledger.reserve_series(&second, NOW).unwrap();
    assert_eq!(charges(&ledger), ["pure 1/2", "pure 1/2"]);
    assert!(matches!(ledger.reserve_series(&series("third vintage", "6/1"), NOW), Err(Error::BudgetExhausted(_))));
    let reopened = Ledger::open(&log, &witness).unwrap();
    assert_eq!(reopened.series(first.release()), Some(first.measurements()));
    assert_eq!(reopened.account(), ledger.account());
}

#[test]
fn a_period_is_filled_once_with_what_was_paid_for() {
    let (log, witness) = Default::default();
    let mut ledger = create(&log, &witness);
    let of = series("s", "6/1");
    let id = of.release();
    let request = period("2021-Q1", 2, "6/1");
    assert_eq!(ledger.reserve_period(id, "2021-Q1", &request, NOW).unwrap_err(), Error::NoSeries(id));
    ledger.reserve_series(&of, NOW).unwrap();
    assert_eq!(ledger.reserve_series(&series("s", "7/1"), NOW).unwrap_err(), Error::SeriesDiffers(id));
    let two = vec![crate::domain::tests::measurement("u cells 1 l1 3 l2-squared 9 discrete-laplace scale 6/1").unwrap()];
    // Less noise, another bound, another table, fewer tables: none of it was paid for.
    let other = |line: &str| Request::new(ReleaseId::of(b"x"), vec![crate::domain::tests::measurement(line).unwrap()]).unwrap();
    for wrong in [
        other("t cells 2 l1 3 l2-squared 9 discrete-laplace scale 5/1"),
        other("t cells 2 l1 2 l2-squared 4 discrete-laplace scale 6/1"),
        other("u cells 2 l1 3 l2-squared 9 discrete-laplace scale 6/1"),
        Request::new(ReleaseId::of(b"x"), [line(2, "6/1"), two].concat()).unwrap(),
    ] {
        assert_eq!(ledger.reserve_period(id, "2021-Q1", &wrong, NOW).unwrap_err(), Error::SeriesDiffers(id));
    }
    let granted_once = granted(ledger.reserve_period(id, "2021-Q1", &request, NOW).unwrap());
    drop(granted_once);
    // The run died: the same release resumes, with the same cells; no other release takes its place.
    let resumed = granted(ledger.reserve_period(id, "2021-Q1", &request, NOW).unwrap());
    let more = period("2021-Q1", 3, "6/1");
    assert_eq!(
        ledger.reserve_period(id, "2021-Q1", &more, NOW).unwrap_err(),
        Error::ReservationDiffers(ReleaseId::of(b"2021-Q1"))
    );
    let another = period("another", 2, "6/1");
    let filled = Error::PeriodFilled { period: "2021-Q1".to_owned(), release: request.release() };
    assert_eq!(ledger.reserve_period(id, "2021-Q1", &another, NOW).unwrap_err(), filled);
    // Nor does the same release fill another period.
    assert!(ledger.reserve_period(id, "2021-Q2", &request, NOW).is_err());
    assert!(ledger.reserve_period(id, "two\nlines", &another, NOW).is_err());
    let exact = Exact::new(vec![1, 2], &Proved::assumed(3, 9));
    let sealed = resumed.draw(vec![exact], b"{}").unwrap();
    ledger.record_archived(request.release(), sealed.bytes(), NOW).unwrap();
    assert!(matches!(ledger.reserve_period(id, "2021-Q1", &request, NOW).unwrap(), Reservation::Archived { .. }));
    assert_eq!(ledger.account().releases(), 1);
    assert_eq!(ledger.reserved(request.release()), Some(request.measurements()));
}

/// What a writer who ignores the rules leaves in the log is found by whoever reads it.
#[test]
fn a_period_that_was_not_paid_for_is_found() {
    let (log, witness) = Default::default();
    let mut ledger = create(&log, &witness);
    let of = series("s", "6/1");
    ledger.reserve_series(&of, NOW).unwrap();
    fill(&mut ledger, &of, "2021-Q1", 2);
    let event = |release: &str, label: &str, measurements: Vec<Measurement>| Event::Period {
        release: ReleaseId::of(release.as_bytes()),
        series: of.release(),
        period: label.to_owned(),
        measurements: measurements.into(),
    };
    let strange = Event::Period {
        release: ReleaseId::of(b"b"),
        series: ReleaseId::of(b"nowhere"),
        period: "2021-Q2".to_owned(),
        measurements: line(2, "6/1").into(),
    };
    let cases = [
        event("b", "2021-Q1", line(2, "6/1")),
        event("b", "2021-Q2", line(2, "5/1")),
        event("2021-Q1", "2021-Q2", line(2, "6/1")),
        event("b", "", line(2, "6/1")),
        strange,
        Event::Series { series: of.release(), charge: "pure 1/2".to_owned(), measurements: line(2, "6/1").into() },
        Event::Series { series: ReleaseId::of(b"c"), charge: "pure 1/4".to_owned(), measurements: line(2, "6/1").into() },
    ];
    let length = log.read(0).unwrap().len();
    for wrong in cases {
        let entries = log.read(0).unwrap();
        let history = of_entries(&entries).unwrap();
        let entry = history.next(wrong.clone(), [7; 16], NOW).encode();
        let found = of_entries(&[entries, vec![entry]].concat());
        assert!(matches!(found, Err(Error::Corrupt { .. })), "{wrong:?}");
    }
    let right = of_entries(&log.read(0).unwrap()).unwrap();
    let entry = right.next(event("b", "2021-Q2", line(3, "6/1")), [7; 16], NOW).encode();
    assert!(of_entries(&[log.read(0).unwrap(), vec![entry]].concat()).is_ok());
    assert_eq!(log.read(0).unwrap().len(), length);
}

#[test]
fn the_last_budget_pays_for_one_series() {
    let (log, witness) = (MemoryLog::default(), MemoryWitness::default());
    create(&log, &witness);
    let won = std::thread::scope(|scope| {
        let race = |name: &'static str| {
            let (log, witness) = (&log, &witness);
            scope.spawn(move || Ledger::open(log, witness).unwrap().reserve_series(&series(name, "3/1"), NOW).is_ok())
        };
        let racers: Vec<_> = ["a", "b", "c", "d"].map(race).into_iter().collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).filter(|won| *won).count()
    });
    assert_eq!(won, 1);
}
