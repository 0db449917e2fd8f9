mod bench;

use std::cell::{Cell, RefCell};

use utfall_privacy::{
    Budget, Exact, Head, Ledger, Log, LogError, Measurement, Mechanism, PutError, Rational, ReleaseId, Request, Reservation,
    Witness,
};

use std::sync::Arc;

use super::*;
use crate::fixture;

/// That one person is at most one row.
pub(crate) fn proved() -> utfall_privacy::Proved {
    use utfall_privacy::certificate::{Certificate, Crossing, Measure, Node, Rule, rule};
    let (table, rows, project) = ("participation".to_owned(), None, None);
    let scan =
        Rule::ScanPrivate(rule::ScanPrivate { table, contributions: 1, rows, unit: 0, contribution: 1, second: 2, project });
    let columns = ["participant", "contribution", "entry"].map(str::to_owned).to_vec();
    let input = Node::derive(scan, columns, Vec::new(), String::new()).unwrap();
    let crossing = Crossing::derive(vec![vec![]], Measure::Count, &input).unwrap();
    Certificate { table: "count".to_owned(), crossing, input }.verify().unwrap()
}

/// A log and a witness in memory.
#[derive(Default)]
pub(crate) struct Memory {
    entries: RefCell<Vec<Vec<u8>>>,
    head: Cell<Option<Head>>,
}

impl Log for &Memory {
    fn read(&self, from: u64) -> Result<Vec<Vec<u8>>, LogError> {
        Ok(self.entries.borrow().iter().skip(usize::try_from(from).unwrap()).cloned().collect())
    }

    fn put(&self, index: u64, bytes: &[u8]) -> Result<(), PutError> {
        assert_eq!(index, self.entries.borrow().len() as u64);
        self.entries.borrow_mut().push(bytes.to_vec());
        Ok(())
    }
}

impl Witness for &Memory {
    fn read(&self) -> Result<Option<Head>, LogError> {
        Ok(self.head.get())
    }

    fn advance(&self, head: &Head) -> Result<(), LogError> {
        self.head.set(Some(*head));
        Ok(())
    }
}

/// The example without what no mechanism of the core releases yet: chosen values and cells that the release names.
fn description() -> Description {
    let mut description = fixture::description();
    description.tables.retain(|table| !table.private_keys && !table.name.starts_with("days"));
    description
}

/// A real release of empty tables with real noise, and with a description of the test's choice.
fn release(tables: &[TableDescription], description: &[u8]) -> Release {
    let memory = Memory::default();
    let budget = Budget::parse("5", "1e-6").unwrap();
    let mut ledger = Ledger::create(&memory, &memory, budget, "a key", 0).unwrap();
    let proved = &proved();
    let mechanism = Mechanism::DiscreteLaplace { scale: Rational::from_integer(9.into()) };
    let cells = |table: &TableDescription| table.cells.len();
    let sizes: Vec<_> = tables.iter().flat_map(|table| table.vectors.iter().map(move |v| (&v.name, cells(table)))).collect();
    let measurements =
        sizes.iter().map(|(name, cells)| Measurement::new(name, *cells as u64, proved, mechanism.clone()).unwrap());
    let id = ReleaseId::of(description);
    let request = Request::new(id, measurements.collect()).unwrap();
    let Reservation::Granted(grant) = ledger.reserve(&request, 0).unwrap() else { panic!("it is new") };
    let exact = sizes.iter().map(|(_, cells)| Exact::new(vec![0; *cells], proved)).collect();
    let sealed = grant.draw(exact, description).unwrap();
    ledger.record_archived(id, sealed.bytes(), 0).unwrap();
    ledger.release(sealed.bytes()).unwrap()
}

#[test]
fn a_release_becomes_a_publication() {
    let description = description();
    let release = release(&description.tables, &description.to_json().unwrap());
    let publication = derive(&release).unwrap();
    assert_eq!(publication.id, release.id().to_string());
    assert_eq!(publication.description, description);
    let names: Vec<_> = publication.tables.iter().map(|table| table.name.as_str()).collect();
    let stems = "by_project by_region_and_sex by_age_band work_by_region work_rate_participants work_rate_work";
    assert_eq!(names, stems.split(' ').collect::<Vec<_>>());
    for (table, noisy) in publication.tables.iter().zip(release.tables()).take(3) {
        let values: Vec<i64> = table.values.iter().flatten().copied().collect();
        assert_eq!((values.as_slice(), table.margin, table.decimals), (noisy.values(), Some(27), 0));
        assert!(table.cells().all(|cell| cell.interval.is_some_and(|interval| interval.high - interval.low == 54)));
        assert!((table.noise[0].standard_deviation.unwrap() - 12.72).abs() < 0.01);
    }
    let share = &publication.tables[3];
    assert_eq!((share.margin, share.decimals, share.noise.len(), share.noise[0].margin), (None, 3, 2, Some(27)));
    // All exact integers are zero, so the counts are about as often below zero as above.
    let nobody = share.cells().filter(|cell| cell.nobody && cell.interval.is_none()).count();
    assert!(nobody >= share.values.len() - 3 && share.values.contains(&None), "one in forty is above its margin all the same");
    assert!(publication.views.is_empty() && publication.queries().count() == 5);
}

#[test]
fn an_archive_of_the_first_format_is_published_as_before() {
    let old = crate::description::format1::tests::OLD.as_bytes();
    let tables = Description::from_json(old).unwrap().tables;
    let publication = derive(&release(&tables, old)).unwrap();
    let [table] = &publication.tables[..] else { panic!("one table") };
    assert_eq!((table.name.as_str(), table.title.en.as_str(), table.margin), ("steps", "Steps", Some(27)));
    assert_eq!((table.values.len(), table.measure().unwrap().title.en.as_str()), (2, "Milestones"));
    assert_eq!(publication.certificates(), None);
}

#[test]
fn a_description_of_another_release_is_refused() {
    let description = description();
    let json = description.to_json().unwrap();
    let reversed: Vec<_> = description.tables.iter().rev().cloned().collect();
    assert!(matches!(derive(&release(&reversed, &json)), Err(DeriveError::Tables)));
    assert!(matches!(derive(&release(&description.tables[..2], &json)), Err(DeriveError::Tables)));
    let mut longer = description.tables.clone();
    longer.push(longer[0].clone());
    longer[5].vectors[0].name = "more".to_owned();
    assert!(matches!(derive(&release(&longer, &json)), Err(DeriveError::Tables)));
    let mut shorter = description.tables.clone();
    shorter[2].cells.pop();
    assert!(matches!(derive(&release(&shorter, &json)), Err(DeriveError::Shape { .. })));
    assert!(matches!(derive(&release(&shorter, b"{}")), Err(DeriveError::Json(_))));
}

/// One query of the example with vectors of the test's choice.
fn joined(query: usize, vectors: &[(&[i64], Noise)], keys: Option<&[String]>) -> Result<Vec<Table>, DeriveError> {
    let table = &fixture::description().tables[query];
    let measured = table.vectors.iter().zip(vectors).map(|(vector, (values, noise))| Measured {
        name: &vector.name,
        values,
        keys,
        noise: Arc::new(noise.clone().into()),
    });
    join(table, &measured.collect::<Vec<_>>(), Level::parse("0.95").unwrap(), &HashMap::new())
}

#[test]
fn lengths_must_agree() {
    let noise = || fixture::gaussian(162, 1);
    let table = joined(0, &[(&[-3; 50], noise())], None).unwrap().remove(0);
    assert_eq!((table.margin, table.noise[0].scale.sv.as_str()), (Some(25), "varians 162"));
    assert!(matches!(joined(0, &[(&[-3; 49], noise())], None), Err(DeriveError::Shape { .. })));
    assert!(matches!(joined(0, &[], None), Err(DeriveError::Tables)));
}

#[test]
fn several_measures_of_a_query_share_its_vectors() {
    let (counts, sums, chosen) = ([100, 0, 40, 40, 40], [1000, 0, -100_000, 1, 100_000], [171, 0, 600, 7, 8]);
    let (laplace, exponential) = (fixture::laplace, fixture::exponential);
    let vectors: [(&[i64], Noise); 3] = [(&counts, laplace(1, 1)), (&sums, laplace(10, 1)), (&chosen, exponential(601, 4, 1))];
    let tables = joined(3, &vectors, None).unwrap();
    let names: Vec<_> = tables.iter().map(|table| (table.name.as_str(), table.decimals)).collect();
    assert_eq!(
        names,
        [("days_by_project_participants", 0), ("days_by_project_mean_days", 2), ("days_by_project_median_days", 0)]
    );
    assert_eq!(tables[1].title.sv, "Tid i projektet – Dagar i projektet, medelvärde");
    assert_eq!(tables[1].values, [Some(21_000), None, Some(0), Some(20_003), Some(60_000)]);
    // The noise of the sum and ten times that of the count have a margin of 41 together: a hundredth of it on either side.
    assert_eq!(tables[1].cells().next().unwrap().interval, Some(Interval::new(20_960, 21_042)));
    assert_eq!(tables[1].cells().nth(1).unwrap().interval, None, "perhaps nobody");
    assert_eq!((&tables[1].nobody, &tables[0].nobody), (&vec![false, true, false, false, false], &Vec::new()));
    assert!(!tables[1].cells().next().unwrap().is_open());
    // 4 ln(601 / 0.05) = 37.6 in units of the score, which counts twice the ranks of a median.
    assert_eq!((tables[2].rank, tables[2].margin, &tables[2].lower), (Some(19), None, &vec![None; 5]));
    assert_eq!(tables[2].values[0], Some(171));
    let wrong: [(&[i64], Noise); 3] = [(&counts, exponential(9, 1, 1)), (&sums, laplace(10, 1)), (&chosen, laplace(1, 1))];
    assert!(matches!(joined(3, &wrong, None), Err(DeriveError::Chosen)));
}

#[test]
fn a_release_can_name_its_cells() {
    let noise = || fixture::thresholded(9, 90);
    let keys = ["Umeå", "missing", "Boden"].map(str::to_owned);
    let table = joined(6, &[(&[120, 95, 99], noise())], Some(&keys)).unwrap().remove(0);
    let shown: Vec<_> = table.description.codes(&[0]).chain(table.description.codes(&[2])).map(|c| c.label.sv.as_str()).collect();
    assert_eq!((shown, table.threshold), (vec!["Boden", "Uppgift saknas"], Some(90)));
    assert_eq!(
        table.cells().map(|cell| (cell.codes[0], cell.value)).collect::<Vec<_>>(),
        [(1, Some(120)), (2, Some(95)), (0, Some(99))]
    );
    assert!(joined(6, &[(&[], noise())], Some(&[])).unwrap()[0].values.is_empty(), "nothing above the threshold");
    let twice = ["Umeå", "Umeå"].map(str::to_owned);
    let two = ["Umeå|1", "Boden|1"].map(str::to_owned);
    assert!(matches!(joined(6, &[(&[1, 2], noise())], Some(&twice)), Err(DeriveError::Shape { .. })));
    assert!(matches!(joined(6, &[(&[1, 2], noise())], Some(&two)), Err(DeriveError::Shape { .. })));
    assert!(matches!(joined(6, &[(&[1, 2], noise())], None), Err(DeriveError::Shape { .. })));
    assert!(matches!(joined(0, &[(&[1; 50], noise())], Some(&two)), Err(DeriveError::Shape { .. })));
}

#[test]
fn certificates_are_published_as_they_stand() {
    let publication = fixture::publication();
    let json = String::from_utf8(publication.certificates().unwrap()).unwrap();
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&value["by_project"], &value["work_rate_work"]["column"]), (&serde_json::Value::Null, &"work".into()));
    assert!(json.contains(r#""days_by_project_sum": {"rule":"aggregate","column":"sum","rows":3}"#));
    let mut none = publication;
    none.description.tables.truncate(3);
    assert_eq!(none.certificates(), None);
}

#[test]
fn a_number_beyond_its_margin_is_told_from_zero() {
    let publication = fixture::publication();
    let drowned = |table: &Table, value: i64| {
        let margin = table.margin.unwrap();
        let interval = Some(Interval::new(value.saturating_sub(margin), value.saturating_add(margin)));
        table.judged(Some(value), interval, false, None) == Some(Grade::Open)
    };
    let (counts, sums) = (&publication.tables[0], publication.tables.iter().find(|t| t.name == "work_rate_work").unwrap());
    assert!([0, 27, -27, -28, i64::MIN].iter().all(|&value| drowned(counts, value)));
    assert!([28, i64::MAX].iter().all(|&value| !drowned(counts, value)));
    assert!([0, 27, -27].iter().all(|&value| drowned(sums, value)));
    assert!([28, -28].iter().all(|&value| !drowned(sums, value)));
}

#[test]
fn a_mean_of_perhaps_nobody_is_marked() {
    let (counts, sums, chosen) = ([3, 4, -9, 40, 40], [30; 5], [0; 5]);
    let (laplace, exponential) = (fixture::laplace, fixture::exponential);
    let vectors: [(&[i64], Noise); 3] = [(&counts, laplace(1, 1)), (&sums, laplace(10, 1)), (&chosen, exponential(601, 4, 1))];
    let mean = &joined(3, &vectors, None).unwrap()[1];
    let of: Vec<_> = mean.cells().map(|cell| (cell.value.is_some(), cell.interval.is_some(), cell.is_open())).collect();
    let (told, nobody) = ((true, true, false), (false, false, false));
    assert_eq!(of, [(true, false, true), told, nobody, told, told], "not by its number, but by its interval");
}
