//! What the releases are worth, beside what they were worth when each measured its own tables: printed by `make audit`.

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

/// A release as it was when each table of each release was measured for itself.
struct Before {
    release: &'static str,
    epsilon: f64,
    worth: Worth,
}

/// What this test printed then: epsilon, cells measured and published, error, share of cells that say something.
const BEFORE: [Before; 9] = [
    before("across", 1.0, 225, 215, 19.66, 0.152),
    before("asap", 2.0, 41, 37, 6.34, 0.308),
    before("associations", 1.0, 164, 160, 12.25, 0.191),
    before("fler-i-arbete", 1.5, 20, 14, 5.66, 0.664),
    before("indicators", 2.0, 73, 73, 15.53, 0.382),
    before("nystart", 2.0, 92, 81, 10.96, 0.193),
    before("outcomes", 1.0, 280, 280, 9.82, 0.212),
    before("progress", 1.5, 111, 81, 20.8, 0.586),
    before("traning-ger-fardighet", 2.0, 131, 112, 7.59, 0.268),
];

const fn before(release: &'static str, epsilon: f64, measured: u64, published: usize, error: f64, says: f64) -> Before {
    Before { release, epsilon, worth: Worth { measured, published, error, says } }
}

/// Half the width of the interval of the share that went to work or studies, 32 of 51.
const BEFORE_OF_51: f64 = 0.199;

async fn worth(exact: &Exact) -> Worth {
    let mut rng = rand::rngs::ChaCha20Rng::seed_from_u64(21);
    let (mut says, mut published) = (0, 0);
    for _ in 0..RUNS {
        let drawn = exact.drawn(&mut rng);
        let quoted: Vec<_> = exact.quoted.iter().map(|of| of.drawn(&mut rng)).collect();
        let tables = exact.tables_beside(&drawn, &quoted);
        for table in &tables {
            published += table.values.len();
            says += table.cells().filter(|cell| cell.value.is_some() && !cell.is_open()).count();
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

/// What is published says more than it did, for the same budget.
#[test]
#[ignore = "make audit runs it: a table of all releases"]
fn what_releases_are_worth() {
    let (shared, runtime) = (shared(), runtime());
    println!(
        "{:<24} {:>10} {:>16} {:>16} {:>18} {:>20}",
        "release", "epsilon", "cells measured", "published", "planned error", "say something, %"
    );
    let mut all = [[0.0; 3]; 2];
    for Before { release, epsilon, worth: before } in BEFORE {
        let exact = runtime.block_on(Exact::of(&shared.world, release));
        let now = runtime.block_on(worth(&exact));
        let spends: f64 = exact.checked.release.budget_text.0.parse().unwrap();
        println!(
            "{release:<24} {epsilon:>4} > {spends:>3} {:>7} > {:>6} {:>7} > {:>6} {:>8.2} > {:>7.2} {:>9.1} > {:>8.1}",
            before.measured,
            now.measured,
            before.published,
            now.published,
            before.error,
            now.error,
            100.0 * before.says,
            100.0 * now.says
        );
        for (sum, (epsilon, of)) in all.iter_mut().zip([(epsilon, &before), (spends, &now)]) {
            let cells = of.published as f64;
            *sum = [sum[0] + epsilon, sum[1] + cells, sum[2] + of.says * cells];
        }
    }
    let [[epsilon, cells, says], [now_epsilon, now_cells, now_says]] = all;
    let (before, now) = (100.0 * says / cells, 100.0 * now_says / now_cells);
    println!(
        "together                 {epsilon:>4} > {now_epsilon:>3}; {before:.1} > {now:.1} % of {cells} > {now_cells} published cells say something"
    );
    // A tenth of epsilon says how many people the bound cuts.
    assert!(now_epsilon <= epsilon + 0.1 + 1e-9 && now >= before + 4.0, "{before} {now}");
    let now = runtime.block_on(async { half_width(&Exact::of(&shared.world, "asap").await, "rate_of_all", "share").await });
    println!("half the width of a share of 32 of 51: {BEFORE_OF_51:.3} > {now:.3}");
    assert!(now <= BEFORE_OF_51);
}
