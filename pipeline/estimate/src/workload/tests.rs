use super::*;
use crate::optimum::optimum;
use crate::tree::Tree;

/// Level 0 is the nation, 1 the region, 2 the project; axes are 1 sex, 2 age, 4 outcome.
const FIVE: [(usize, u32); 5] = [(1, 4), (2, 4), (2, 5), (1, 7), (0, 4)];
const TWELVE: [(usize, u32); 12] =
    [(0, 4), (0, 5), (0, 6), (0, 7), (1, 4), (1, 5), (1, 6), (1, 7), (2, 4), (2, 5), (2, 6), (2, 7)];

/// rho of epsilon 1, delta 1e-6.
const RHO: f64 = 0.024_356;

fn workload(regions: &[usize], tables: &[(usize, u32)], k: f64) -> Workload {
    let projects = regions.iter().enumerate().flat_map(|(region, n)| vec![region; *n]).collect();
    let tree = Tree::new(&[vec![0; regions.len()], projects]).unwrap();
    let part = |(unit, &(level, axes)): (usize, &(usize, u32))| Part { level, axes, unit, weight: 1.0 };
    let parts = tables.iter().enumerate().map(part).collect();
    let unit = |&(level, _): &(usize, u32)| Unit {
        l1: k,
        l2_squared: if level == 2 { k } else { k * k },
        pure: false,
        is_measured: true,
    };
    Workload { units: tables.iter().map(unit).collect(), families: vec![Family { tree, axes: vec![2, 6, 6], parts }] }
}

/// An error as the root of the mean over tables or over cells.
fn rmse(error: f64, workload: &Workload, objective: Objective) -> f64 {
    let family = &workload.families[0];
    let count = match objective {
        Objective::Tables => family.parts.len() as f64,
        Objective::Cells => family.parts.iter().map(|part| family.cells(part)).sum(),
        Objective::Largest => 1.0,
    };
    (error / count).sqrt()
}

/// The errors with Laplace and with Gaussian noise, of the best Gaussian mechanism, and its SVD bound.
fn errors(workload: &Workload, objective: Objective, k: f64) -> [f64; 4] {
    let plan = |noise| rmse(workload.plan(noise, objective).error, workload, objective);
    let optimum = optimum(&workload.families[0], &start(&workload.families[0], objective), k);
    let bound = |error: f64| rmse(error / (2.0 * RHO), workload, objective);
    [plan(NoiseBudget::Laplace(1.0)), plan(NoiseBudget::Gaussian(RHO)), bound(optimum.best), bound(optimum.svd)]
}

/// Run by `make audit`, which shows what it prints.
#[test]
fn no_plan_is_worse_than_the_best_gaussian_mechanism() {
    println!("planned error at epsilon 1, delta 1e-6 (root mean square per cell)");
    println!(
        "tables  projects  objective  rows  laplace  gaussian  planned  best gaussian  svd bound  planned/best  gaussian/best"
    );
    for k in [1.0, 3.0] {
        for (count, tables) in [(5, &FIVE[..]), (12, &TWELVE[..])] {
            for regions in [vec![3, 2], vec![5; 8], vec![25; 8], vec![250; 8]] {
                for objective in [Objective::Tables, Objective::Cells] {
                    let [laplace, gaussian, best, svd] = errors(&workload(&regions, tables, k), objective, k);
                    let planned = laplace.min(gaussian);
                    let (ratio, own) = (planned / best, gaussian / best);
                    let projects: usize = regions.iter().sum();
                    println!(
                        "{count:>6}  {projects:>8}  {:<9}  {k:>4}  {laplace:>7.3}  {gaussian:>8.3}  {planned:>7.3}  {best:>13.3}  {svd:>9.3}  {ratio:>12.4}  {own:>13.4}",
                        format!("{objective:?}")
                    );
                    assert!(ratio <= if k == 1.0 { 1.005 } else { 1.03 });
                    // The Gaussian family alone is as near; for three rows of one person in regions of two projects no tight
                    // bound is known.
                    assert!(own <= if k == 1.0 { 1.005 } else { 1.03 } || (k == 3.0 && projects == 5), "{own}");
                }
            }
        }
    }
}

#[test]
fn the_best_gaussian_mechanisms_are_those_computed_elsewhere() {
    for (regions, expected) in [(vec![3, 2], 7.51), (vec![5; 8], 8.44), (vec![25; 8], 8.83), (vec![250; 8], 8.94)] {
        let found = errors(&workload(&regions, &FIVE, 1.0), Objective::Tables, 1.0)[2];
        assert!((found - expected).abs() < 0.006, "{found} instead of {expected}");
    }
    let found = errors(&workload(&[25; 8], &TWELVE, 1.0), Objective::Tables, 1.0)[2];
    assert!((found - 11.12).abs() < 0.006, "{found}");
}

/// Many tables of one key each are one family: they all tell of the total.
#[test]
fn fourteen_tables_of_one_key_are_planned_together() {
    let axes: Vec<usize> = (0..14).map(|axis| 2 + axis % 5).collect();
    let parts: Vec<Part> = (0..14).map(|unit| Part { level: 0, axes: 1 << unit, unit, weight: 1.0 }).collect();
    let family = Family { tree: Tree::whole(), axes, parts };
    assert_eq!(family.sets().len(), 15);
    let unit = Unit { l1: 1.0, l2_squared: 1.0, pure: false, is_measured: true };
    let together = Workload { units: vec![unit; 14], families: vec![family.clone()] };
    let [laplace, gaussian, best, _] = errors(&together, Objective::Tables, 1.0);
    // The bound is for mechanisms that measure contrasts apart from the total, which no table of counts does.
    assert!(gaussian <= 1.085 * best && gaussian < laplace, "{gaussian} {best} {laplace}");
    let alone = |part: &Part| Family { parts: vec![part.clone()], ..family.clone() };
    let apart = Workload { units: vec![unit; 14], families: family.parts.iter().map(alone).collect() };
    let apart = apart.plan(NoiseBudget::Gaussian(RHO), Objective::Tables).error.sqrt();
    let joint = together.plan(NoiseBudget::Gaussian(RHO), Objective::Tables).error.sqrt();
    assert!(joint < 0.9 * apart, "{joint} {apart}");
}

/// With Laplace noise a table alone may be the best beginning: the others are sums of it.
#[test]
fn no_beginning_of_a_finer_table_is_missed() {
    let axes = vec![2, 2, 2, 3];
    let tables: [(usize, u32); 5] = [(0, 1), (0, 2), (0, 4), (0, 7), (0, 8)];
    let parts = tables.iter().enumerate().map(|(unit, (level, axes))| Part { level: *level, axes: *axes, unit, weight: 1.0 });
    let family = Family { tree: Tree::whole(), axes, parts: parts.collect() };
    assert_eq!(finest(&family), BTreeSet::from([3]));
    let unit = Unit { l1: 1.0, l2_squared: 1.0, pure: false, is_measured: true };
    let workload = Workload { units: vec![unit; 5], families: vec![family] };
    let planned = workload.plan(NoiseBudget::Laplace(1.0), Objective::Tables);
    let weights = vec![start(&workload.families[0], Objective::Tables)];
    for unit in 0..5 {
        let begin = (0..5).map(|other| if other == unit { 1.0 } else { 0.02 }).collect();
        let end = workload.descend(NoiseBudget::Laplace(1.0), &weights, begin);
        assert!(planned.error <= end.error * (1.0 + 1e-6) || unit != 3, "{unit}: {} {}", planned.error, end.error);
    }
}

#[test]
fn the_largest_variance_is_lower_where_it_is_the_objective() {
    for (tables, regions) in [(&FIVE[..], vec![3, 2]), (&TWELVE[..], vec![5; 8])] {
        let workload = workload(&regions, tables, 3.0);
        for noise in [NoiseBudget::Laplace(1.0), NoiseBudget::Gaussian(RHO)] {
            let usual = workload.plan(noise, Objective::Tables).shares;
            let usual = workload.with_shares(noise, Objective::Largest, usual).error;
            let largest = workload.plan(noise, Objective::Largest);
            assert!(largest.error < 0.97 * usual, "{} {usual}", largest.error);
            let again = workload.with_shares(noise, Objective::Largest, largest.shares.clone()).error;
            assert!((again / largest.error - 1.0).abs() < 1e-9);
        }
    }
}

#[test]
fn a_weight_lowers_the_error_of_its_table() {
    let plain = workload(&[5; 8], &FIVE, 3.0);
    let mut weighted = plain.clone();
    weighted.families[0].parts[1].weight = 4.0;
    let of = |w: &Workload| {
        let planned = w.plan(NoiseBudget::Gaussian(RHO), Objective::Tables);
        let family = &plain.families[0];
        family.variance(&family.solve(&planned.precisions), 4, family.tree.path(2, 0))
    };
    assert!(of(&weighted) < 0.9 * of(&plain));
}

#[test]
fn shares_are_a_whole_and_a_single_table_gets_all() {
    let planned = workload(&[3, 2], &TWELVE, 1.0).plan(NoiseBudget::Laplace(1.0), Objective::Cells);
    assert!((planned.shares.iter().sum::<f64>() - 1.0).abs() < 1e-9 && planned.shares.iter().all(|share| *share > 1e-4));
    let one = workload(&[3, 2], &[(2, 4)], 3.0).plan(NoiseBudget::Laplace(1.0), Objective::Tables);
    assert_eq!(one.shares, [1.0]);
    assert!((one.error - 2.0 * 9.0).abs() < 1e-9);
    // Two tables that have nothing to do with each other: Laplace noise divides by the cube root of the errors.
    let alone = |unit, size| Family {
        tree: Tree::new(&[]).unwrap(),
        axes: vec![size],
        parts: vec![Part { level: 0, axes: 1, unit, weight: 1.0 }],
    };
    let unit = |l1: f64| Unit { l1, l2_squared: l1 * l1, pure: false, is_measured: true };
    let two = Workload { units: vec![unit(1.0), unit(8.0)], families: vec![alone(0, 4), alone(1, 4)] };
    let shares = two.plan(NoiseBudget::Laplace(1.0), Objective::Tables).shares;
    assert!((shares[0] - 0.2).abs() < 1e-3, "{shares:?}");
    let shares = two.plan(NoiseBudget::Gaussian(RHO), Objective::Tables).shares;
    assert!((shares[0] - 1.0 / 9.0).abs() < 1e-3, "{shares:?}");
}
