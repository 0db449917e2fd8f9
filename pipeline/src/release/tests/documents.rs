//! What the projects' documents state, asked of the landed lists: without noise the answer is the stated figure, and with noise
//! the published interval holds it as often as it says.

use rand::SeedableRng as _;

use super::*;
use crate::derive::Table;

/// So many times a release is drawn.
const RUNS: usize = 1_000;

/// Release, table, the codes of a cell, and the figure.
const FIGURES: &[(&str, &str, &[&str], f64)] = &[
    ("asap", "rate_of_all", &[], 32.0 / 51.0),
    ("asap", "rate_without_purpose", &[], 32.0 / 44.0),
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
    ("traning-ger-fardighet", "positive_of_these", &[], 0.40),
    ("traning-ger-fardighet", "positive_of_all", &[], 0.28),
    ("traning-ger-fardighet", "offices_participations", &["employment_service", "af_stockholm"], 84.0),
    ("traning-ger-fardighet", "offices_participations", &["employment_service", "af_sodertalje"], 72.0),
    ("traning-ger-fardighet", "offices_participations", &["municipality", "municipal_nynashamn"], 6.0),
    ("traning-ger-fardighet", "intake", &["2008", "9"], 34.0),
    ("traning-ger-fardighet", "intake", &["2008", "10"], 33.0),
];

/// A release with its exact integers.
struct Exact {
    checked: Checked,
    description: Description,
    integers: Vec<Vec<i64>>,
}

impl Exact {
    async fn of(world: &World, name: &str) -> Self {
        let checked = world.checked(name).await;
        let pinned = pin(&world.catalogue, &world.store(), &checked).await.unwrap();
        let mut integers = Vec::new();
        for table in &checked.tables {
            let bounded = bounded(table, &world.catalogue, &pinned, None).unwrap();
            integers.extend(world.engine.vectors(bounded, &world.catalogue).await.unwrap());
        }
        let description = Description::from_json(&describe(&world.catalogue, &checked, true, None).unwrap()).unwrap();
        Self { checked, description, integers }
    }

    fn tables(&self, integers: &[Vec<i64>]) -> Vec<Table> {
        crate::derive::rehearsed(&self.description, &self.checked.measurements, integers).unwrap()
    }
}

/// The number of a cell and the ends of its interval.
fn cell(tables: &[Table], name: &str, codes: &[&str]) -> (f64, (f64, f64)) {
    let table = tables.iter().find(|table| table.name == name).unwrap_or_else(|| panic!("{name}"));
    let is = |cell: &crate::derive::Cell<'_>| {
        table.description.codes(cell.codes).map(|code| code.code.as_str()).eq(codes.iter().copied())
    };
    let cell = table.cells().find(is).unwrap_or_else(|| panic!("{name} {codes:?}"));
    let number = |value: i64| value as f64 / 10f64.powi(table.decimals as i32);
    let (low, high) = cell.interval.unwrap();
    (number(cell.value.unwrap()), (number(low), number(high)))
}

#[test]
fn the_figures_of_the_documents_come_out_and_their_intervals_hold_them() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::whole(folder.path(), "100");
    let names: BTreeSet<&str> = FIGURES.iter().map(|(release, ..)| *release).collect();
    for name in names {
        let exact = runtime().block_on(Exact::of(&world, name));
        let figures: Vec<_> = FIGURES.iter().filter(|(release, ..)| *release == name).collect();
        let stated = exact.tables(&exact.integers);
        for (_, table, codes, figure) in &figures {
            let (value, _) = cell(&stated, table, codes);
            assert!((value - figure).abs() < 1e-3, "{name}/{table} {codes:?}: {value} instead of {figure}");
        }
        let mut held = vec![0; figures.len()];
        let mut rng = rand::rngs::ChaCha20Rng::seed_from_u64(11);
        for _ in 0..RUNS {
            let drawn = exact.checked.measurements.iter().zip(&exact.integers);
            let drawn: Vec<Vec<i64>> =
                drawn.map(|(m, exact)| super::least_error::noisy(exact, m.mechanism(), &mut rng)).collect();
            let tables = exact.tables(&drawn);
            for (held, (_, table, codes, figure)) in held.iter_mut().zip(&figures) {
                let (_, (low, high)) = cell(&tables, table, codes);
                // A share is published with three decimals, its ends rounded outwards.
                *held += usize::from((low - 1e-9..=high + 1e-9).contains(figure));
            }
        }
        for (held, (_, table, codes, figure)) in held.into_iter().zip(&figures) {
            let share = held as f64 / RUNS as f64;
            println!("{name}/{table} {codes:?}: {figure:.3} is in {:.1} % of the intervals", 100.0 * share);
            // Integer noise may be on the safe side; a share at the end of its range is held more often.
            let most = if *figure == 1.0 { 1.0 } else { 0.995 };
            assert!((0.93..=most).contains(&share), "{name}/{table} {codes:?}: {share}");
        }
    }
}
