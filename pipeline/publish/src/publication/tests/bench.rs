//! What planning and reconciling cost: run by `make bench`.

use std::time::Instant;

use utfall_estimate::family::{Family, Part};
use utfall_estimate::reconcile::Reconciler;
use utfall_estimate::tree::Tree;
use utfall_estimate::workload::{NoiseBudget, Objective, Unit, Workload};

/// All tables by sex (2), age (6) and outcome (6), with outcome, on three levels; regions of unequal sizes.
fn workload(regions: usize, projects: usize) -> Workload {
    // A third of the projects in the first region, a third of the rest in the second, ...
    let of = |project: usize| {
        (0..regions).find(|region| !project.is_multiple_of(3_usize.pow(*region as u32 + 1))).unwrap_or(regions - 1)
    };
    let tree = Tree::new(&[vec![0; regions], (0..projects).map(of).collect()]).unwrap();
    let tables: Vec<(usize, u32)> = (0..3).flat_map(|level| [4, 5, 6, 7].map(|axes| (level, axes))).collect();
    let parts = tables.iter().enumerate().map(|(unit, &(level, axes))| Part { level, axes, unit, weight: 1.0 }).collect();
    let units = tables.iter().map(|_| Unit { l1: 3.0, l2_squared: 9.0, pure: false, is_measured: true }).collect();
    Workload { units, families: vec![Family { tree, axes: vec![2, 6, 6], parts }] }
}

#[test]
#[ignore = "measures; `make bench` runs it optimised"]
fn bench() {
    let workload = workload(7, 2_000);
    println!("planning twelve tables of 2,000 projects in 7 unequal regions");
    for objective in [Objective::Tables, Objective::Cells, Objective::Largest] {
        let begun = Instant::now();
        for noise in [NoiseBudget::Laplace(1.0), NoiseBudget::Gaussian(0.024)] {
            assert!(workload.plan(noise, objective).error > 0.0);
        }
        println!("  {objective:?}, both noises: {:.2} s", begun.elapsed().as_secs_f64());
    }
    let planned = workload.plan(NoiseBudget::Laplace(1.0), Objective::Tables);
    let family = workload.families[0].clone();
    let cells: f64 = family.parts.iter().map(|part| family.cells(part)).sum();
    let mut parts: Vec<Vec<f64>> = family.parts.iter().map(|part| vec![7.0; family.cells(part) as usize]).collect();
    let begun = Instant::now();
    let reconciler = Reconciler::new(family, planned.precisions);
    let base = reconciler.estimate(&mut parts, 20_000_000).unwrap();
    let estimated = begun.elapsed();
    let rounded = reconciler.rounded(&parts, Some(&base), 100.0);
    assert_eq!(rounded.len(), 12);
    println!(
        "reconciling {cells:.0} cells: {:.2} s, rounding them so that they add up: {:.2} s",
        estimated.as_secs_f64(),
        (begun.elapsed() - estimated).as_secs_f64()
    );
}
