//! What the projects' documents state, asked of the landed lists: without noise the answer is the stated figure, and with noise
//! the published interval holds it as often as it says.

use rand::SeedableRng as _;

use super::*;
use utfall_estimate::interval::Interval;
use utfall_publish::estimate::interval::Level;
use utfall_publish::estimate::reconciliation::Reconciliation;
use utfall_publish::{Measured, Table};

/// So many times a release is drawn.
const RUNS: usize = 1_000;

/// Release, table, the codes of a cell, and the figure.
const FIGURES: &[(&str, &str, &[&str], f64)] = &[
    ("asap", "exits", &["work"], 19.0),
    ("asap", "exits", &["studies"], 13.0),
    ("asap", "exits", &["special_purpose"], 7.0),
    ("asap", "stair", &["trust"], 46.0),
    ("asap", "stair", &["sense_of_coherence"], 39.0),
    ("asap", "stair", &["inventory"], 33.0),
    ("fler-i-arbete", "self_supporting", &[], 0.64),
    ("fler-i-arbete", "closer", &[], 90.0 / 95.0),
    ("fler-i-arbete", "well_treated", &[], 1.0),
    ("fler-i-arbete", "mapping_and_coding", &["true", "true"], 55.0),
    ("fler-i-arbete", "mapping_and_coding", &["true", "false"], 37.0),
    ("fler-i-arbete", "mapping_and_coding", &["false", "true"], 3.0),
    ("fler-i-arbete", "mapping_and_coding", &["false", "false"], 5.0),
    ("traning-ger-fardighet", "into_training", &[], 0.70),
    ("traning-ger-fardighet", "positive_of_these", &["trained"], 0.40),
    ("traning-ger-fardighet", "chain", &["trained", "work_or_studies"], 0.28 * 300.0),
    ("traning-ger-fardighet", "informed", &[], 0.96),
    ("traning-ger-fardighet", "three_party_meeting", &[], 1.0),
    ("traning-ger-fardighet", "from_municipalities", &[], 0.2),
    ("traning-ger-fardighet", "reached_450_days", &[], 0.2),
    ("traning-ger-fardighet", "offices_n", &["employment_service", "af_stockholm"], 84.0),
    ("traning-ger-fardighet", "offices_n", &["employment_service", "af_sodertalje"], 72.0),
    ("traning-ger-fardighet", "offices_n", &["municipality", "municipal_nynashamn"], 6.0),
    ("traning-ger-fardighet", "allocation_n", &["af_huddinge"], 48.0),
    ("traning-ger-fardighet", "intake_participations", &["2008", "9"], 34.0),
    ("traning-ger-fardighet", "intake_participations", &["2008", "10"], 33.0),
    ("fler-i-arbete", "fidelity", &["good (66-75)"], 40.0 / 52.0),
    ("nystart", "reach", &["motivation"], 75.0),
    ("nystart", "reach", &["vocational_swedish"], 30.0),
    ("nystart", "reach", &["placement_and_education"], 86.0),
    ("nystart", "vocational_swedish", &["true"], 30.0),
    ("nystart", "vocational_swedish", &["false"], 0.0),
    ("nystart", "placements_placements", &[], 80.0),
    ("nystart", "action_plan", &[], 114.0 / 120.0),
    ("progress", "drop_out_n", &["2"], 45.0),
    ("progress", "drop_out_n", &["4"], 70.0),
    ("progress", "drop_out_n", &["6"], 60.0),
    ("across", "people_by_region", &["SE11"], 300.0),
    ("across", "people_by_region", &["SE33"], 51.0),
    ("outcomes", "positive_by_project", &["progress"], 114.0 / 276.0),
    ("outcomes", "positive_by_project", &["traning-ger-fardighet"], 0.28),
    ("progress", "people", &[], 300.0),
    ("progress", "follow_up", &["ongoing"], 24.0),
    ("associations", "duration", &["ongoing"], 24.0),
];

/// A release with its exact integers.
pub(super) struct Exact {
    pub(super) checked: CheckedRelease,
    pub(super) description: Description,
    pub(super) integers: Vec<Vec<i64>>,
    /// The releases on whose numbers tables of it stand.
    pub(super) quoted: Vec<Self>,
}

impl Exact {
    pub(super) async fn of(world: &World, name: &str) -> Self {
        Self::counted(world, world.checked(name).await).await
    }

    async fn counted(world: &World, mut checked: CheckedRelease) -> Self {
        let pinned = pin(&world.catalogue, &world.store(), &checked).await.unwrap();
        let mut integers = Vec::new();
        for table in checked.measured() {
            let bound = bound(table, &world.catalogue, &pinned, None).unwrap();
            let physical = bound.physical(world.engine.planner(), &world.catalogue).await.unwrap();
            integers.extend(table.drawn(world.engine.vectors(&physical, &world.catalogue).await.unwrap()));
        }
        let description =
            Description::from_json(&describe(&world.catalogue, &checked, true, None, &Default::default()).unwrap()).unwrap();
        let mut quoted = Vec::new();
        for of in std::mem::take(&mut checked.quoted).into_values() {
            quoted.push(Box::pin(Self::counted(world, of)).await);
        }
        Self { checked, description, integers, quoted }
    }

    /// The vectors as if they had been released with these integers.
    pub(super) fn measured<'a>(&'a self, integers: &'a [Vec<i64>]) -> Vec<Measured<'a>> {
        self.checked.measurements.iter().zip(integers).map(|(m, values)| Measured::made_up(m, values)).collect()
    }

    /// All integers with noise as the door draws it.
    pub(super) fn drawn(&self, rng: &mut rand::rngs::ChaCha20Rng) -> Vec<Vec<i64>> {
        let drawn = self.checked.measurements.iter().zip(&self.integers);
        drawn.map(|(m, exact)| super::least_error::noisy(exact, m.mechanism(), rng)).collect()
    }

    /// The tables with these integers; what stands on other releases, with the exact ones of these.
    pub(super) fn tables(&self, integers: &[Vec<i64>]) -> Vec<Table> {
        self.tables_beside(integers, &self.quoted.iter().map(|of| of.integers.clone()).collect::<Vec<_>>())
    }

    /// The tables with these integers, beside these of the releases that are quoted.
    pub(super) fn tables_beside(&self, integers: &[Vec<i64>], quoted: &[Vec<Vec<i64>>]) -> Vec<Table> {
        use utfall_publish::publication::{Origin, rehearsed, with_quoted};
        let own = rehearsed(&self.description, &self.checked.measurements, integers).unwrap();
        let each = self.quoted.iter().zip(quoted);
        let origins: Vec<_> =
            each.map(|(of, all)| Origin::made_up(of.description.clone(), &of.checked.measurements, all)).collect();
        with_quoted(&self.description, own, &origins).unwrap()
    }

    /// Those of some queries only: intervals take time.
    fn some(&self, by: &Reconciliation, measured: &[Measured<'_>], queries: &BTreeSet<&str>) -> Vec<Table> {
        let level = Level::parse("0.95").unwrap();
        let estimates = by.estimates(measured).unwrap();
        let all = utfall_publish::publication::completed(by, measured, &estimates).unwrap();
        let mut tables = Vec::new();
        for table in self.description.tables.iter().filter(|table| queries.contains(table.name.as_str())) {
            let named = |name: &str| all.iter().find(|of| of.name == name).unwrap().clone();
            let vectors: Vec<_> = table.vectors.iter().map(|vector| named(&vector.name)).collect();
            tables.extend(utfall_publish::publication::join(table, &vectors, level, &estimates).unwrap());
        }
        tables
    }

    /// The query that a table is of.
    fn query(&self, table: &str) -> &str {
        let of = |query: &&utfall_publish::TableDescription| query.measures.iter().any(|m| query.stem(m) == table);
        &self.description.tables.iter().find(of).unwrap().name
    }
}

/// The number of a cell and its interval.
pub(super) fn cell(tables: &[Table], name: &str, codes: &[&str]) -> (Option<f64>, Option<Interval>) {
    let table = tables.iter().find(|table| table.name == name).unwrap_or_else(|| panic!("{name}"));
    let is = |cell: &utfall_publish::Cell<'_>| {
        table.description.codes(cell.codes).map(|code| code.code.as_str()).eq(codes.iter().copied())
    };
    let cell = table.cells().find(is).unwrap_or_else(|| panic!("{name} {codes:?}"));
    let number = |value: i64| value as f64 / 10f64.powi(table.decimals as i32);
    (cell.value.map(number), cell.interval.map(|interval| interval.map(number)))
}

fn the_figures_come_out_and_their_intervals_hold_them(name: &str) {
    let shared = shared();
    let exact = runtime().block_on(Exact::of(&shared.world, name));
    let figures: Vec<_> = FIGURES.iter().filter(|(release, ..)| *release == name).collect();
    let stated = exact.tables(&exact.integers);
    for (_, table, codes, figure) in &figures {
        let value = cell(&stated, table, codes).0.unwrap();
        assert!((value - figure).abs() < 1e-3, "{name}/{table} {codes:?}: {value} instead of {figure}");
    }
    let queries = figures.iter().map(|(_, table, ..)| exact.query(table)).collect();
    let (mut held, mut have) = (vec![0; figures.len()], vec![0; figures.len()]);
    let mut rng = rand::rngs::ChaCha20Rng::seed_from_u64(11);
    let measured = exact.measured(&exact.integers);
    let reconciliation = Reconciliation::new(&exact.description, &measured).unwrap();
    for _ in 0..RUNS {
        let drawn = exact.drawn(&mut rng);
        let drawn: Vec<_> = measured.iter().zip(&drawn).map(|(of, values)| of.again(values)).collect();
        let tables = exact.some(&reconciliation, &drawn, &queries);
        for ((held, have), (_, table, codes, figure)) in held.iter_mut().zip(&mut have).zip(&figures) {
            // A share is published with three decimals, its ends rounded outwards. Of what may be nobody nothing is said.
            let Some(interval) = cell(&tables, table, codes).1 else { continue };
            *have += 1;
            *held += usize::from((interval.low - 1e-9..=interval.high + 1e-9).contains(figure));
        }
    }
    for ((held, have), (_, table, codes, figure)) in held.into_iter().zip(have).zip(&figures) {
        let share = held as f64 / have as f64;
        println!("{name}/{table} {codes:?}: {figure:.3} is in {:.1} % of the {have} intervals", 100.0 * share);
        // Where the noise is larger than the cell, few draws have an interval: of all of them no more may miss than the level says.
        if have * 10 < RUNS * 9 {
            assert!(have - held <= RUNS * 7 / 100, "{name}/{table} {codes:?}: {held} of {have}");
            continue;
        }
        // Integer noise may be on the safe side; a share at the end of its range is held more often.
        let most = if *figure == 1.0 { 1.0 } else { 0.995 };
        assert!((0.93..=most).contains(&share), "{name}/{table} {codes:?}: {share}");
    }
}

/// Whether the documents state something that a release answers.
fn is_tried(release: &str) -> bool {
    FIGURES.iter().any(|(of, ..)| *of == release)
}

#[test]
fn every_figure_is_of_a_release() {
    let all = crate::catalogue::spec::names(&repository().join("queries")).unwrap();
    assert!(FIGURES.iter().all(|(of, ..)| all.iter().any(|name| name == of)));
}

each_release! {
    the_figures_come_out_and_their_intervals_hold_them:
    across = "across",
    asap = "asap",
    associations = "associations",
    fler_i_arbete = "fler-i-arbete",
    nystart = "nystart",
    outcomes = "outcomes",
    progress = "progress",
    traning_ger_fardighet = "traning-ger-fardighet",
}

/// Query, column, and what the document states of it: all of one measured table.
const COMPUTED: [(&str, &str, f64); 6] = [
    ("cost_per_exit", "kronor_per_exit", 5_377_638.0 / 32.0),
    ("cost_per_exit", "exits", 32.0),
    ("rate_of_all", "share", 32.0 / 51.0),
    ("rate_of_all", "exits", 51.0),
    ("rate_without_purpose", "share", 32.0 / 44.0),
    ("rate_without_purpose", "to_work_or_studies", 32.0),
];

/// What SQL computes above the door has intervals that hold too: sums of counts, an amount divided by one, shares. They stand on the
/// same numbers: one numerator, in every draw.
#[test]
fn simulated_intervals_hold_what_the_document_states() {
    const DRAWN: usize = 150;
    let (shared, runtime) = (shared(), runtime());
    let exact = runtime.block_on(Exact::of(&shared.world, "asap"));
    let description = &exact.description;
    assert_eq!(exact.checked.measured().count(), 4, "exits once, and what cannot be computed from them");
    let mut rng = rand::rngs::ChaCha20Rng::seed_from_u64(12);
    let (mut held, mut claimed) = ([0; COMPUTED.len()], [0; COMPUTED.len()]);
    for run in 0..DRAWN {
        let drawn = exact.drawn(&mut rng);
        let measured = exact.measured(&drawn);
        let numbers = utfall_publish::publication::numbers_of(description, &measured).unwrap();
        let draws = crate::above::drawn(description, &measured, &run.to_string()).unwrap();
        let mut stated = BTreeMap::new();
        for (at, (query, column, figure)) in COMPUTED.iter().enumerate() {
            let table = description.tables.iter().find(|table| table.name == *query).unwrap();
            let above = table.above.as_ref().unwrap();
            let vectors: Vec<&[i64]> = table.vectors.iter().map(|v| numbers[&v.name].as_slice()).collect();
            let (rows, ends) = runtime.block_on(async {
                let rows = crate::above::view(table, above, &vectors).await.unwrap();
                let draws = crate::above::vectors(table, &draws);
                let ends = crate::above::intervals(table, above, &rows, &draws, 0.05).await.unwrap();
                (rows, ends)
            });
            let place = above.columns.iter().position(|c| c.name == *column).unwrap();
            stated.insert((*query, *column), rows[0][place].clone());
            // Where too many draws have no exits there is no interval, and nothing is claimed.
            let Some((low, high)) = &ends[0][place] else { continue };
            claimed[at] += 1;
            let (low, high): (f64, f64) = (low.parse().unwrap(), high.parse().unwrap());
            let rounded = if *figure > 1.0 { 1.0 } else { 1e-3 };
            held[at] += usize::from((low - rounded..=high + rounded).contains(figure));
        }
        let number = |query, column| stated[&(query, column)].as_ref().map(|text: &String| text.parse::<f64>().unwrap());
        let numerator = number("rate_without_purpose", "to_work_or_studies").unwrap();
        assert_eq!(number("cost_per_exit", "exits"), Some(numerator));
        if let Some((share, all)) = number("rate_of_all", "share").zip(number("rate_of_all", "exits")) {
            // A share has three decimals.
            assert!((share * all - numerator).abs() < 6e-4 * all.abs().max(1.0), "{share} of {all} is {numerator}");
        }
    }
    for ((query, column, _), (held, claimed)) in COMPUTED.iter().zip(held.into_iter().zip(claimed)) {
        let share = held as f64 / claimed as f64;
        println!("asap/{query} {column}: {:.1} % of {claimed} simulated intervals hold the figure", 100.0 * share);
        assert!((0.90..=0.995).contains(&share) && claimed > DRAWN * 9 / 10, "{query} {column}: {share} of {claimed}");
    }
}

/// Of a share of few people nothing is claimed: what it is divided by cannot be told from zero. Of many, the interval holds.
#[test]
fn a_share_of_few_people_has_no_interval() {
    const DRAWN: usize = 40;
    let (shared, runtime) = (shared(), runtime());
    let mut exact = runtime.block_on(Exact::of(&shared.world, "asap"));
    let exits = exact.checked.measurements.iter().position(|m| m.table() == "exits").unwrap();
    let table = exact.description.tables.iter().find(|table| table.name == "rate_of_all").unwrap().clone();
    let above = table.above.clone().unwrap();
    let place = above.columns.iter().position(|c| c.name == "share").unwrap();
    let code = |wanted: &str| table.cells.iter().position(|cell| table.codes(cell).any(|code| code.code == wanted)).unwrap();
    let (work, search) = (code("work"), code("other"));
    for people in [1, 5, 100] {
        exact.integers[exits].fill(0);
        (exact.integers[exits][work], exact.integers[exits][search]) = (people * 2 / 5, people - people * 2 / 5);
        let figure = (people * 2 / 5) as f64 / people as f64;
        let mut rng = rand::rngs::ChaCha20Rng::seed_from_u64(13);
        let (mut claimed, mut held) = (0, 0);
        for run in 0..DRAWN {
            let drawn = exact.drawn(&mut rng);
            let measured = exact.measured(&drawn);
            let numbers = utfall_publish::publication::numbers_of(&exact.description, &measured).unwrap();
            let vectors: Vec<&[i64]> = table.vectors.iter().map(|v| numbers[&v.name].as_slice()).collect();
            let draws = crate::above::drawn(&exact.description, &measured, &run.to_string()).unwrap();
            let ends = runtime.block_on(async {
                let rows = crate::above::view(&table, &above, &vectors).await.unwrap();
                crate::above::intervals(&table, &above, &rows, &crate::above::vectors(&table, &draws), 0.05).await.unwrap()
            });
            let Some((low, high)) = &ends[0][place] else { continue };
            let (low, high): (f64, f64) = (low.parse().unwrap(), high.parse().unwrap());
            claimed += 1;
            held += usize::from((low - 1e-3..=high + 1e-3).contains(&figure));
        }
        println!("a share of {people}: {claimed} of {DRAWN} have an interval, {held} hold");
        match people {
            1..=5 => assert!(claimed < DRAWN / 3, "{people}: {claimed}"),
            _ => assert!(claimed == DRAWN && held * 100 >= 90 * DRAWN, "{people}: {claimed} {held}"),
        }
    }
}

/// A key is made of constants, so the queries say which municipalities an association covers: the same as the register.
#[test]
fn associations_cover_what_the_register_says() {
    let register = std::fs::read_to_string(repository().join("schemas/register/association.csv")).unwrap();
    let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in register.lines().skip(1).filter(|row| row.ends_with(',')) {
        let mut cells = row.split(',').map(str::to_owned);
        known.entry(cells.next().unwrap()).or_default().extend(cells.next());
    }
    let listed = |text: &str| -> BTreeSet<String> {
        let inside = text.split_once(" IN (").unwrap().1.split_once(')').unwrap().0;
        inside.split(", ").map(|code| code.trim_matches('\'').to_owned()).collect()
    };
    let text = |file: &str| std::fs::read_to_string(repository().join(format!("queries/{file}.sql"))).unwrap();
    let sql = text("across/outcomes_by_association");
    let case = sql.split_once("CASE ").unwrap().1.split_once(" END AS association").unwrap().0;
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for branch in case.split_once("ELSE '").unwrap().0.split("WHEN ").skip(1) {
        let association = branch.split_once("THEN '").unwrap().1.split_once('\'').unwrap().0;
        found.insert(association.to_owned(), listed(branch));
    }
    assert_eq!(found, known);
    for file in ["progress/improved_by_municipality", "progress/drop_out_by_municipality"] {
        assert_eq!(listed(text(file).split_once("AND    f.municipality").unwrap().1), known["halland"], "{file}");
    }
    // The associations' reports are of all of them together.
    let all: BTreeSet<String> = known.into_values().flatten().collect();
    for file in ["associations/occupation_base", "associations/income_base", "associations/duration"] {
        assert_eq!(listed(text(file).split_once("WHERE  p.municipality").unwrap().1), all, "{file}");
    }
}
