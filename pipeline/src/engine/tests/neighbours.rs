//! Every accepted query on random databases, with and without each person: no vector moves further than certified.
//!
//! The databases hold what the check must not rely on: NULL wherever a column allows it, days at both ends of what 32 bits
//! hold, numbers far outside their declared range, people with more rows than any bound, child rows without a
//! participation, groups that exist through one person only.

use std::collections::BTreeSet;
use std::sync::Arc;

use rand::rngs::ChaCha20Rng;
use rand::{RngExt as _, SeedableRng as _};
use utfall_privacy::certificate::Measure;

use super::database::{Database, Row, accepted_queries, answered, bounds, catalogue, planned, query, vectors};
use crate::catalogue::schema::{Catalogue, Column, Kind, TableSchema};
use crate::certify::Physical;
use crate::certify::{CertifiedVector, Vector};
use crate::engine::{Engine, connect};

/// How many neighbours are compared; more with `UTFALL_AUDIT_CASES`.
const CASES: usize = 2_000;

impl Database {
    /// A few people with rows in every table.
    pub(super) fn random(catalogue: &Catalogue, rng: &mut ChaCha20Rng) -> Self {
        let mut database = Self::default();
        let people = rng.random_range(2..6);
        for table in catalogue.private_tables() {
            let mut rows = Vec::new();
            for person in 0..people {
                // Numbers below 1 are never given; a bound that lets them pass would let too many rows pass.
                let (lowest, contributions) = (if rng.random_range(0..4) == 0 { -1 } else { 1 }, rng.random_range(0..6));
                for contribution in lowest..=contributions {
                    let most = if table.parent.is_some() { rng.random_range(0..6) } else { 1 };
                    for ordinal in 1..=most {
                        let second = if table.parent.is_some() { ordinal } else { rng.random_range(1..=contribution.max(1)) };
                        rows.push(random_row(table, catalogue, &format!("p{person}"), [contribution, second], rng));
                    }
                }
            }
            entries(table, &mut rows);
            database.tables.insert(table.name.clone(), rows);
        }
        database
    }
}

/// Landing counts a person's periods in one project: `entry` is unique with the project.
fn entries(table: &TableSchema, rows: &mut [Row]) {
    if table.parent.is_some() {
        return;
    }
    let project = table.columns.get_index_of("project").unwrap();
    let entry = table.columns.len() + 1;
    for i in 0..rows.len() {
        let same = rows[..i].iter().filter(|r| r[0] == rows[i][0] && r[project] == rows[i][project]).count();
        rows[i][entry] = Some((same + 1).to_string());
    }
}

fn random_row(table: &TableSchema, catalogue: &Catalogue, person: &str, numbers: [i32; 2], rng: &mut ChaCha20Rng) -> Row {
    let mut row: Row = Vec::new();
    for column in table.columns.values() {
        let null = !column.required && rng.random_range(0..4) == 0;
        row.push(if null { None } else { Some(random_value(column, catalogue, person, rng)) });
    }
    row.extend(numbers.map(|n| Some(n.to_string())));
    row
}

fn random_value(column: &Column, catalogue: &Catalogue, person: &str, rng: &mut ChaCha20Rng) -> String {
    let one = |of: &[&str], rng: &mut ChaCha20Rng| of[rng.random_range(0..of.len())].to_owned();
    match column.kind {
        Kind::Identity => person.to_owned(),
        Kind::String => {
            let list = catalogue.codes_of(column).unwrap();
            // Mostly the first codes, so that people meet in cells.
            let most = if rng.random_range(0..3) == 0 { list.entries.len() } else { list.entries.len().min(3) };
            list.entries[rng.random_range(0..most)].code.clone()
        }
        Kind::Date => match rng.random_range(0..12) {
            0 => one(&["2147483647", "-2147483648", "0", "-1"], rng),
            1 => one(&["1900-01-01", "2199-12-31"], rng),
            // Years and months of all five projects.
            _ => rng.random_range(13_879..19_417).to_string(),
        },
        Kind::Integer => match rng.random_range(0..8) {
            0 => one(&["9223372036854775807", "-9223372036854775808", "-5", "1000000"], rng),
            _ => rng.random_range(column.minimum.unwrap()..=column.maximum.unwrap()).to_string(),
        },
        Kind::Boolean => one(&["true", "false"], rng),
    }
}

/// How far a vector moves, in the sense of its measure: L1 and squared L2. Scores move a cell by the most that any does.
pub(super) fn moved(CertifiedVector { vector, certificate }: &CertifiedVector, with: &[i64], without: &[i64]) -> (u128, u128) {
    let steps: Vec<u128> = with.iter().zip(without).map(|(a, b)| u128::from(a.abs_diff(*b))).collect();
    let steps = match (vector, &certificate.crossing.measure) {
        (Vector::Scores { candidates, .. }, Measure::Scores { .. }) => {
            steps.chunks(usize::try_from(*candidates).unwrap()).map(|cell| *cell.iter().max().unwrap()).collect()
        }
        _ => steps,
    };
    steps.iter().fold((0, 0), |(l1, l2), step| (l1 + step, l2 + step * step))
}

/// Compares one random database with each of its neighbours; gives how many there were, and whether some vector moved as
/// far as certified.
async fn compare(engine: &Engine, catalogue: &Catalogue, (name, planned): (&str, &Physical), seed: u64) -> (usize, bool) {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let database = Database::random(catalogue, &mut rng);
    let with = on(engine, catalogue, planned, &database).await;
    let people = database.people();
    let mut reached = false;
    for person in &people {
        let without = on(engine, catalogue, planned, &database.without(person)).await;
        for ((vector, with), without) in planned.certified().accepted().crossing.vectors.iter().zip(&with).zip(&without) {
            let (l1, l2_squared) = moved(vector, with, without);
            let certified = vector.certificate.crossing.sensitivity;
            let within = l1 <= certified.l1().into() && l2_squared <= certified.l2_squared().into();
            assert!(within, "{name}, seed {seed}, {person}: moved by {l1}, {l2_squared}; certified {certified:?}");
            reached |= l1 == certified.l1().into();
        }
    }
    (people.len(), reached)
}

/// The exact vectors of a planned query on a database.
async fn on(engine: &Engine, catalogue: &Catalogue, planned: &Physical, database: &Database) -> Vec<Vec<i64>> {
    let folder = tempfile::tempdir().unwrap();
    answered(engine, catalogue, planned, &database.write(catalogue, folder.path(), None)).await
}

/// A plan holds nothing of the files it was planned or run on: on others it answers as one that was planned on them.
#[test]
fn a_query_that_was_planned_on_other_files_gives_the_same_answer() {
    let catalogue = catalogue();
    let engine = connect(&catalogue).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(16 << 20).build().unwrap();
    runtime.block_on(async {
        let (fixture, random) = (Database::fixture(&catalogue), Database::random(&catalogue, &mut ChaCha20Rng::seed_from_u64(3)));
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let (fixture, random) = (fixture.land(&catalogue, folders[0].path()), random.write(&catalogue, folders[1].path(), None));
        let mut differ = 0;
        for (name, sql) in accepted_queries() {
            let answer = engine.check(&query(&name, &sql), &catalogue, &bounds()).await.unwrap();
            let planned = planned(&engine, &catalogue, &answer, &fixture).await;
            let before = engine.vectors(&planned, &catalogue).await.unwrap();
            let swapped = answered(&engine, &catalogue, &planned, &random).await;
            let anew = vectors(&engine, &catalogue, &answer, &super::database::scans(&catalogue, &random, None)).await;
            assert_eq!(swapped, anew, "{name}");
            differ += usize::from(swapped != before);
        }
        assert!(differ > 100, "the two databases differ: {differ}");
    });
}

#[test]
fn no_person_moves_any_accepted_query_further_than_certified() {
    let wanted = std::env::var("UTFALL_AUDIT_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(CASES);
    let catalogue = Arc::new(catalogue());
    let engine = Arc::new(connect(&catalogue).unwrap());
    let queries = accepted_queries();
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(16 << 20).build().unwrap();
    let (cases, reached) = runtime.block_on(async {
        let (mut plans, folder) = (Vec::new(), tempfile::tempdir().unwrap());
        let landed = Database::random(&catalogue, &mut ChaCha20Rng::seed_from_u64(0)).land(&catalogue, folder.path());
        for (name, sql) in &queries {
            let answer = engine.check(&query(name, sql), &catalogue, &bounds()).await.unwrap();
            plans.push((name.clone(), planned(&engine, &catalogue, &answer, &landed).await));
        }
        let plans = Arc::new(plans);
        let workers = std::thread::available_parallelism().map_or(1, usize::from).min(plans.len());
        let tasks = (0..workers).map(|worker| {
            let (engine, catalogue, plans) = (engine.clone(), catalogue.clone(), plans.clone());
            tokio::spawn(async move {
                let (mut cases, mut reached) = (0, BTreeSet::new());
                for round in 0.. {
                    for (i, (name, planned)) in plans.iter().enumerate().filter(|(i, _)| i % workers == worker) {
                        let seed = round * plans.len() + i;
                        let (people, tight) = compare(&engine, &catalogue, (name, planned), seed as u64).await;
                        cases += people;
                        if tight {
                            reached.insert(name.clone());
                        }
                    }
                    if cases * workers >= wanted {
                        break;
                    }
                }
                (cases, reached)
            })
        });
        let (mut cases, mut reached) = (0, BTreeSet::new());
        for task in tasks.collect::<Vec<_>>() {
            let (some, tight) = task.await.unwrap();
            cases += some;
            reached.extend(tight);
        }
        (cases, reached)
    });
    println!("{} accepted queries, {cases} neighbours; {} were moved as far as certified", queries.len(), reached.len());
    // A certificate that nobody can reach would hide databases that are too tame.
    assert!(cases >= wanted && reached.len() > queries.len() / 8, "{reached:?}");
}
