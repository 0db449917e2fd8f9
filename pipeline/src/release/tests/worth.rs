//! What the releases are worth, beside what they were worth before tables that count the same were measured once: printed by
//! `make audit`.

use rand::SeedableRng as _;

use super::documents::{Exact, cell};
use super::*;
use crate::release::preview::preview;

/// So many times a release is drawn.
const RUNS: usize = 10;

/// What a release is worth.
#[derive(Debug, Default, PartialEq)]
struct Worth {
    /// Cells that are measured, two for a mean or a share.
    measured: u64,
    /// Cells of published tables, what SQL computes from them left out.
    published: usize,
    /// The root mean square error that is planned, all tables alike.
    error: f64,
    /// The share of published cells that can be told from zero (a share or a mean: from anything possible).
    says: f64,
}

/// What this test printed before tables that count the same were measured once: cells measured and published, error, share of cells
/// that say something.
const BEFORE: [(&str, u64, usize, f64, f64); 9] = [
    ("across", 225, 215, 19.66, 0.152),
    ("asap", 41, 37, 6.34, 0.308),
    ("associations", 164, 160, 12.25, 0.191),
    ("fler-i-arbete", 20, 14, 5.66, 0.664),
    ("indicators", 73, 73, 15.53, 0.382),
    ("nystart", 92, 81, 10.96, 0.193),
    ("outcomes", 280, 280, 9.82, 0.212),
    ("progress", 111, 81, 20.8, 0.586),
    ("traning-ger-fardighet", 131, 112, 7.59, 0.268),
];
/// Half the width of the interval of the share that went to work or studies, 32 of 51.
const BEFORE_OF_51: f64 = 0.199;

async fn worth(exact: &Exact) -> Worth {
    let mut rng = rand::rngs::ChaCha20Rng::seed_from_u64(21);
    let (mut says, mut published) = (0, 0);
    for _ in 0..RUNS {
        let tables = exact.tables(&exact.drawn(&mut rng));
        for table in &tables {
            published += table.values.len();
            says += table.cells().filter(|cell| cell.value.is_some() && !table.is_drowned(cell)).count();
        }
    }
    Worth {
        measured: exact.checked.measurements.iter().map(utfall_privacy::Measurement::cells).sum(),
        published: published / RUNS,
        error: preview(&exact.checked, 0.05).error,
        says: says as f64 / published as f64,
    }
}

/// Half the width of the published interval of a share, on average.
async fn half_width(exact: &Exact, query: &str, column: &str) -> f64 {
    let mut rng = rand::rngs::ChaCha20Rng::seed_from_u64(22);
    let table = exact.description.tables.iter().find(|table| table.name == query).unwrap();
    let mut widths = Vec::new();
    for run in 0..RUNS {
        let drawn = exact.drawn(&mut rng);
        let Some(above) = &table.above else {
            let interval = cell(&exact.tables(&drawn), query, &[]).1.unwrap();
            widths.push((interval.high - interval.low) / 2.0);
            continue;
        };
        let measured = exact.measured(&drawn);
        let numbers = utfall_publish::publication::numbers_of(&exact.description, &measured).unwrap();
        let vectors: Vec<&[i64]> = table.vectors.iter().map(|v| numbers[&v.name].as_slice()).collect();
        let draws = crate::above::drawn(&exact.description, &measured, &run.to_string()).unwrap();
        let rows = crate::above::view(table, above, &vectors).await.unwrap();
        let ends = crate::above::intervals(table, above, &rows, &crate::above::vectors(table, &draws), 0.05).await.unwrap();
        let place = above.columns.iter().position(|c| c.name == column).unwrap();
        let (low, high) = ends[0][place].as_ref().unwrap();
        widths.push((high.parse::<f64>().unwrap() - low.parse::<f64>().unwrap()) / 2.0);
    }
    widths.iter().sum::<f64>() / widths.len() as f64
}

/// No release says less than it did.
#[test]
#[ignore = "make audit runs it: a table of all releases"]
fn what_releases_are_worth() {
    let (shared, runtime) = (shared(), runtime());
    println!("{:<24} {:>16} {:>16} {:>18} {:>20}", "release", "cells measured", "published", "planned error", "say something, %");
    for (name, measured, published, error, says) in BEFORE {
        let now = runtime.block_on(async { worth(&Exact::of(&shared.world, name).await).await });
        println!(
            "{name:<24} {measured:>7} > {:>6} {published:>7} > {:>6} {error:>8.2} > {:>7.2} {:>9.1} > {:>8.1}",
            now.measured,
            now.published,
            now.error,
            100.0 * says,
            100.0 * now.says
        );
        assert!(now.error <= error * 1.01 && now.says >= says - 0.02, "{name}: {now:?}");
    }
    let now = runtime.block_on(async { half_width(&Exact::of(&shared.world, "asap").await, "rate_of_all", "share").await });
    println!("half the width of a share of 32 of 51: {BEFORE_OF_51:.3} > {now:.3}");
    assert!(now <= BEFORE_OF_51);
}
