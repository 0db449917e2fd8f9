mod thorough;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::family::Family;
use crate::tree::Tree;
use crate::workload::start;
use thorough::{Thorough, best_groups};

/// rho of epsilon 1, delta 1e-6.
const RHO: f64 = 0.024_356;
const NOISES: [NoiseBudget; 2] = [NoiseBudget::Laplace(1.0), NoiseBudget::Gaussian(RHO)];
const ONE: Unit = Unit { l1: 1.0, l2_squared: 1.0, pure: false, is_measured: true };

fn part(unit: usize, level: usize, axes: Axes) -> Part {
    Part { level, axes, unit, weight: 1.0 }
}

/// Tables of one key each.
fn one_way(sizes: &[usize]) -> Workload {
    let parts = (0..sizes.len()).map(|unit| part(unit, 0, 1 << unit)).collect();
    Workload { units: vec![ONE; sizes.len()], families: vec![Family { tree: Tree::whole(), axes: sizes.to_vec(), parts }] }
}

/// Marginals at random, and how far a person moves a table of each level.
struct Drawn {
    workload: Workload,
    by_level: Vec<Unit>,
}

impl Drawn {
    fn may(&self) -> impl Fn(&Crossing) -> Option<Unit> {
        |crossing| Some(self.by_level[crossing.level])
    }
}

fn draw(random: &mut ChaCha8Rng) -> Drawn {
    let most = [8, 3][random.random_range(0..2)];
    let axes: Vec<usize> = (0..random.random_range(2..=6)).map(|_| random.random_range(2..=most)).collect();
    let regions = random.random_range(2..6);
    let tree = match random.random_range(0..4) {
        0 => Tree::new(&[vec![0; regions]]).unwrap(),
        1 => {
            let projects = (0..regions).flat_map(|region| vec![region; random.random_range(1..5)]).collect();
            Tree::new(&[vec![0; regions], projects]).unwrap()
        }
        _ => Tree::whole(),
    };
    let mut tables = BTreeSet::new();
    for _ in 0..random.random_range(2..=8) {
        let keys = random.random_range(1..=3);
        let set = (0..keys).fold(0, |set, _| set | 1 << random.random_range(0..axes.len()));
        tables.insert((random.random_range(0..tree.depth()), set));
    }
    // Rows of one person are alike but for the place of the deepest level.
    let rows = [1.0, 3.0][random.random_range(0..2)];
    let squared = |level: usize| if level > 0 && level + 1 == tree.depth() { rows } else { rows * rows };
    let by_level: Vec<Unit> = (0..tree.depth()).map(|level| Unit { l1: rows, l2_squared: squared(level), ..ONE }).collect();
    let parts = tables.iter().enumerate().map(|(unit, (level, axes))| part(unit, *level, *axes)).collect();
    let units = tables.iter().map(|(level, _)| by_level[*level]).collect();
    Drawn { workload: Workload { units, families: vec![Family { tree, axes, parts }] }, by_level }
}

/// Every published table is measured or follows; units and parts are those that were, and the crossings behind them.
fn check(before: &Workload, strategy: &Strategy) {
    let after = &strategy.workload;
    let new = after.units.len() - before.units.len();
    assert_eq!(new, strategy.crossings.len());
    assert!(before.units.iter().zip(&after.units).all(|(was, is)| Unit { is_measured: true, ..*is } == *was));
    let mut added = Vec::new();
    for (at, (was, is)) in before.families.iter().zip(&after.families).enumerate() {
        assert_eq!(is.parts[..was.parts.len()], was.parts[..]);
        for part in &is.parts[was.parts.len()..] {
            assert!(part.weight == 0.0 && after.units[part.unit].is_measured);
            added.push((part.unit, Crossing { family: at, level: part.level, axes: part.axes }));
        }
        let measured = || is.parts.iter().filter(|part| after.units[part.unit].is_measured);
        for part in &was.parts {
            assert!(measured().any(|of| of.level >= part.level && part.axes & !of.axes == 0), "{part:?} of {is:?}");
        }
    }
    let expected: Vec<_> = strategy.crossings.iter().copied().enumerate().map(|(i, c)| (before.units.len() + i, c)).collect();
    assert_eq!(added, expected);
    let Planned { shares, precisions, .. } = &strategy.planned;
    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    for ((unit, share), precision) in after.units.iter().zip(shares).zip(precisions) {
        assert!(unit.is_measured == (*share > 0.0) && unit.is_measured == (*precision > 0.0));
    }
}

#[test]
fn tables_of_yes_or_no_are_crossed() {
    let known =
        [(2, 2.449, 2.0), (3, 3.464, 8_f64.sqrt()), (4, 4.472, 12_f64.sqrt()), (5, 5.477, 4.18), (6, 6.481, 24_f64.sqrt())];
    for (tables, as_published, crossed) in known {
        let workload = one_way(&vec![2; tables]);
        let root = |error: f64| (error / tables as f64).sqrt();
        let plain = root(workload.plan(NOISES[0], Objective::Tables).error);
        assert!((plain / as_published - 1.0).abs() < 0.001, "{tables}: {plain}");
        for objective in [Objective::Tables, Objective::Cells, Objective::Largest] {
            let found = workload.strategy(NOISES[0], objective, &|_| Some(ONE));
            check(&workload, &found);
            let one = match objective {
                Objective::Tables => root(found.planned.error),
                Objective::Cells => root(found.planned.error / 2.0),
                Objective::Largest => found.planned.error.sqrt(),
            };
            // Five tables are not all alike to any crossing, so that their largest variance is larger than their mean.
            let most = if tables == 5 && objective == Objective::Largest { 1.03 } else { 1.005 };
            assert!(one < crossed * most && one > crossed * 0.995, "{tables} {objective:?}: {one}");
        }
    }
}

#[test]
fn what_gains_next_to_nothing_is_not_done() {
    // Two wide tables are measured with less error than what both are sums of.
    for noise in NOISES {
        let workload = one_way(&[8, 8]);
        let found = workload.strategy(noise, Objective::Tables, &|_| Some(ONE));
        assert_eq!(
            found,
            Strategy { crossings: vec![], workload: workload.clone(), planned: workload.plan(noise, Objective::Tables) }
        );
        let found = one_way(&[2; 6]).strategy(noise, Objective::Tables, &|_| None);
        assert!(found.crossings.is_empty() && found.workload == one_way(&[2; 6]), "no crossing can be measured");
    }
}

#[test]
fn a_unit_with_its_own_epsilon_is_measured_and_not_crossed() {
    let mut workload = one_way(&[2; 5]);
    workload.units[4].pure = true;
    let asked = std::cell::RefCell::new(BTreeSet::new());
    let may = |crossing: &Crossing| {
        assert!(asked.borrow_mut().insert(*crossing), "asked twice");
        Some(ONE)
    };
    let found = workload.strategy(NOISES[0], Objective::Tables, &may);
    check(&workload, &found);
    assert!(found.workload.units[4].is_measured && !found.crossings.is_empty());
    assert!(asked.borrow().iter().all(|crossing| crossing.axes & 0b10000 == 0));
}

#[test]
fn tables_that_share_their_noise_are_left_out_together() {
    // One unit is of the tables of the first two keys, as of GROUPING SETS; another of the third and of a key of its own.
    let mut workload = one_way(&[2, 2, 2, 2]);
    let twice = Unit { l1: 2.0, l2_squared: 2.0, ..ONE };
    workload.units = vec![twice, twice];
    for (at, part) in workload.families[0].parts.iter_mut().enumerate() {
        part.unit = at / 2;
    }
    let found = workload.strategy(NOISES[0], Objective::Tables, &|_| Some(ONE));
    check(&workload, &found);
    assert!(!found.workload.units[0].is_measured && !found.workload.units[1].is_measured);
    assert!((found.planned.error / 4.0).sqrt() < 1.005 * 12_f64.sqrt());
    // Where nothing can be crossed with the fourth, its unit stays.
    let may = |crossing: &Crossing| (crossing.axes & 0b1000 == 0).then_some(ONE);
    let found = workload.strategy(NOISES[0], Objective::Tables, &may);
    check(&workload, &found);
    assert!(found.workload.units[1].is_measured && !found.workload.units[0].is_measured);
}

#[test]
fn families_divide_the_budget_by_what_each_needs() {
    let (six, wide) = (one_way(&[2; 6]), one_way(&[8, 8]));
    let mut both = Workload { units: vec![ONE; 8], families: [six.families, wide.families].concat() };
    both.families[1].parts.iter_mut().for_each(|part| part.unit += 6);
    let found = both.strategy(NOISES[0], Objective::Tables, &|_| Some(ONE));
    check(&both, &found);
    assert!(found.crossings.iter().all(|crossing| crossing.family == 0) && !found.crossings.is_empty());
    let wide = one_way(&[8, 8]).plan(NOISES[0], Objective::Tables).error;
    let expected = ((6.0 * 24_f64).cbrt() + wide.cbrt()).powi(3);
    assert!((found.planned.error / expected - 1.0).abs() < 0.005, "{} {expected}", found.planned.error);
}

#[test]
fn the_same_is_found_again() {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    for _ in 0..20 {
        let drawn = draw(&mut random);
        for noise in NOISES {
            for objective in [Objective::Tables, Objective::Cells, Objective::Largest] {
                let found = drawn.workload.strategy(noise, objective, &drawn.may());
                check(&drawn.workload, &found);
                assert_eq!(found, drawn.workload.strategy(noise, objective, &drawn.may()));
                let plain = drawn.workload.plan(noise, objective).error;
                assert!(found.planned.error <= plain, "{} {plain}", found.planned.error);
            }
        }
    }
}

/// What the search weighs strategies by is the error that is planned, and its slopes are those of differences.
#[test]
fn the_response_is_the_error() {
    let mut random = ChaCha8Rng::seed_from_u64(6);
    for _ in 0..40 {
        let workload = draw(&mut random).workload;
        let family = &workload.families[0];
        let response = Response::new(family, &start(family, Objective::Tables), NOISES[1]);
        let candidate =
            |part: &Part| response.candidate(workload.units[part.unit], None, vec![Shape { level: part.level, axes: part.axes }]);
        let tables: Vec<Candidate> = family.parts.iter().map(candidate).collect();
        let tables: Vec<&Candidate> = tables.iter().collect();
        let given: Vec<f64> = tables.iter().map(|_| random.random_range(0.1..1.0)).collect();
        let still = response::Effort { steps: 0, least: 0.0 };
        let at = |shares: &[f64]| response.descend(&tables, &mut shares.to_vec(), still);
        let (error, slopes) = at(&given);
        let total: f64 = given.iter().sum();
        let shares: Vec<f64> = given.iter().map(|share| share / total).collect();
        let planned = workload.with_shares(NOISES[1], Objective::Tables, shares.clone()).error;
        assert!((error / planned - 1.0).abs() < 1e-6, "{error} {planned}");
        for (table, of) in tables.iter().enumerate() {
            // More of one and less of all, as shares add up to one; the error goes with the inverse of all together.
            let mut more = shares.clone();
            more[table] += 1e-5;
            let difference = (error - at(&more).0 / (1.0 + 1e-5)) / 1e-5;
            let pull = response.pull(of, &slopes);
            assert!((difference - pull).abs() < 1e-3 * error.max(pull), "{difference} {pull}");
        }
    }
}

/// What a kind of workload showed.
#[derive(Default)]
struct Shown {
    ratios: Vec<f64>,
    gains: Vec<f64>,
    slowest: Duration,
}

impl Shown {
    /// Of one workload; how much worse what is found is than the best that is known.
    fn add(&mut self, workload: &Workload, noise: NoiseBudget, may: &dyn Fn(&Crossing) -> Option<Unit>, best: f64) -> f64 {
        let begun = Instant::now();
        let found = workload.strategy(noise, Objective::Tables, may);
        self.slowest = self.slowest.max(begun.elapsed());
        check(workload, &found);
        let ratio = (found.planned.error / best.min(found.planned.error)).sqrt();
        self.ratios.push(ratio);
        self.gains.push(1.0 - (found.planned.error / workload.plan(noise, Objective::Tables).error).sqrt());
        ratio
    }

    fn show(&self, kind: &str) {
        let (mean, worst) = (mean(&self.ratios), self.ratios.iter().copied().fold(1.0, f64::max));
        let beyond = self.ratios.iter().filter(|ratio| **ratio > 1.005).count();
        println!(
            "{kind:<34} {:>4} workloads  error / best known: mean {mean:.4}, worst {worst:.4}, above 1.005: {beyond}  gain: mean {:.1} %, most {:.1} %  slowest {:?}",
            self.ratios.len(),
            100.0 * self::mean(&self.gains),
            100.0 * self.gains.iter().copied().fold(0.0, f64::max),
            self.slowest,
        );
    }
}

fn mean(of: &[f64]) -> f64 {
    of.iter().sum::<f64>() / of.len() as f64
}

/// Random workloads beside the thorough search, whose rounds are so many; which part of them may be worse by over 0.5 %.
fn beside_thorough(seed: u64, workloads: usize, rounds: usize, may_be_worse: f64) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut shown: [[Shown; 2]; 2] = Default::default();
    for _ in 0..workloads {
        let drawn = draw(&mut random);
        let has_places = drawn.workload.families[0].tree.depth() > 1;
        for (noise, shown) in NOISES.into_iter().zip(&mut shown) {
            let may = drawn.may();
            let best = Thorough::new(&drawn.workload.families[0], noise, &drawn.by_level).best(rounds, &mut random);
            let ratio = shown[usize::from(has_places)].add(&drawn.workload, noise, &may, best);
            assert!(ratio < 1.04, "{ratio} {:?} {noise:?}", drawn.workload.families[0]);
        }
    }
    for (noise, [flat, places]) in ["Laplace", "Gaussian"].into_iter().zip(&shown) {
        flat.show(&format!("{noise}, 1-8 marginals"));
        places.show(&format!("{noise}, 1-8 marginals of places"));
    }
    let ratios: Vec<f64> = shown.iter().flatten().flat_map(|shown| shown.ratios.iter().copied()).collect();
    let worse = ratios.iter().filter(|ratio| **ratio > 1.005).count();
    assert!(worse as f64 <= may_be_worse * ratios.len() as f64, "{worse} of {}", ratios.len());
}

#[test]
fn a_thorough_search_finds_next_to_nothing_better() {
    beside_thorough(11, 60, 12, 0.0);
}

#[test]
#[ignore = "two minutes: make audit runs it and shows what it prints"]
fn a_strategy_is_nearly_the_best_known() {
    beside_thorough(12, 600, 60, 0.005);
}

#[test]
fn fourteen_tables_of_one_key_are_crossed_in_groups() {
    let mut random = ChaCha8Rng::seed_from_u64(13);
    for noise in NOISES {
        let mut shown = Shown::default();
        for _ in 0..4 {
            let sizes: Vec<usize> = (0..14).map(|_| random.random_range(2..=5)).collect();
            let workload = one_way(&sizes);
            let best = best_groups(&workload.families[0], noise, 60, &mut random);
            let ratio = shown.add(&workload, noise, &|_| Some(ONE), best);
            assert!(ratio <= 1.005, "{ratio} {sizes:?}");
        }
        shown.show(&format!("{}, 14 tables of one key", if noise == NOISES[0] { "Laplace" } else { "Gaussian" }));
    }
}
