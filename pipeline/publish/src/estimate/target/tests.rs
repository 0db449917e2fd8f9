use std::sync::Arc;

use rand::SeedableRng as _;
use rand::distr::Distribution as _;
use rand::rngs::ChaCha20Rng;
use utfall_privacy::{DiscreteGaussian, DiscreteLaplace};

use super::*;
use crate::estimate::interval::Level;
use crate::estimate::noise::Noise;
use crate::{KeyColumn, Statistic, TableDescription, VectorDescription, fixture};

const DRAWS: usize = 200_000;
/// Five standard errors of a probability that is drawn so often, and what the distribution is smoothed by.
const AGREES: f64 = 0.008;

/// So many draws of a noise, by the samplers of the core.
fn drawn(noise: &Noise, seed: u64) -> Vec<i64> {
    let rng = ChaCha20Rng::seed_from_u64(seed);
    match noise {
        Noise::Laplace { scale } => DiscreteLaplace::new(scale.clone()).unwrap().sample_iter(rng).take(DRAWS).collect(),
        Noise::Gaussian { variance } => DiscreteGaussian::new(variance.clone()).unwrap().sample_iter(rng).take(DRAWS).collect(),
        _ => panic!("nothing is added"),
    }
}

fn text() -> Text {
    Text { sv: "a".to_owned(), en: "a".to_owned() }
}

fn target(kind: Kind, minimum: Option<i64>, maximum: Option<i64>, tolerance: i64) -> Target {
    Target { title: text(), code: "x".to_owned(), kind, part: None, minimum, maximum, tolerance }
}

/// A table of one measure of one vector with this noise, held against targets.
fn held(formula: Formula, codes: &[&str], values: &[i64], noise: &Noise, targets: Vec<Target>) -> Table {
    let example = fixture::description().tables.remove(0);
    let key = |codes: &[&str]| KeyColumn {
        name: "office".to_owned(),
        title: text(),
        codes: codes.iter().map(|code| Code { code: (*code).to_owned(), label: text() }).collect(),
    };
    let description = TableDescription {
        keys: if codes.is_empty() { Vec::new() } else { vec![key(codes)] },
        cells: if codes.is_empty() { vec![Vec::new()] } else { (0..codes.len() as u16).map(|code| vec![code]).collect() },
        vectors: vec![VectorDescription { name: "n".to_owned(), certificate: "null".to_owned(), follows: false }],
        measures: vec![Statistic { name: "n".to_owned(), title: text(), formula, unit: None }],
        targets,
        ..example
    };
    let measured = Measured { name: "n", values, keys: None, noise: Arc::new(noise.clone().into()) };
    let level = Level::parse("0.95").unwrap();
    crate::publication::join(&description, &[measured], level, &std::collections::HashMap::new()).unwrap().remove(0)
}

const SHARE: Formula = Formula::Split { vector: 0, low: 0, high: 1 };
const COUNT: Formula = Formula::Count { vector: 0 };

/// A share of people with the two noisy numbers of those who count and of the others.
fn share(numbers: [i64; 2], noise: &Noise, target: Target) -> (Verdict, f64) {
    let table = held(SHARE, &[], &numbers, noise, vec![target]);
    let tracked: Vec<_> = table.tracked().collect();
    (tracked[0].verdict, tracked[0].judged.reached.unwrap())
}

/// The part of the draws in which what they leave is wanted, of those in which it is possible.
fn simulated(possible: impl Fn(usize) -> bool, wanted: impl Fn(usize) -> bool) -> f64 {
    let all: Vec<usize> = (0..DRAWS).filter(|at| possible(*at)).collect();
    all.iter().filter(|at| wanted(**at)).count() as f64 / all.len() as f64
}

#[test]
fn the_probability_of_a_share_is_what_draws_of_the_noise_say() {
    for noise in [fixture::laplace(4, 1), fixture::gaussian(30, 1), fixture::laplace(1, 1)] {
        let (x, y) = (drawn(&noise, 1), drawn(&noise, 2));
        for (numbers, least, most, tolerance) in [
            ([62, 38], Some(65), Some(100), 0),
            ([62, 38], Some(65), Some(100), 3),
            ([91, 3], Some(100), Some(100), 3),
            ([91, 1], Some(100), Some(100), 0),
            ([91, -2], Some(95), Some(100), 0),
            ([24, 76], Some(20), Some(30), 0),
            ([35, 66], Some(35), Some(35), 2),
            ([40, 60], None, Some(45), 0),
        ] {
            let (_, found) = share(numbers, &noise, target(Kind::Share, least, most, tolerance));
            let [u, v] = numbers;
            let exact = |at: usize| (u - x[at], v - y[at]);
            let wanted = |at: usize| {
                let (u, v) = exact(at);
                let is_enough = least.is_none_or(|least| 100 * u >= (least - tolerance) * (u + v));
                is_enough && most.is_none_or(|most| 100 * u <= (most + tolerance).min(100) * (u + v))
            };
            let drawn = simulated(|at| exact(at).0 >= 0 && exact(at).1 >= 0, wanted);
            assert!((found - drawn).abs() < AGREES, "{numbers:?} {least:?} {most:?} {tolerance} {noise:?}: {found} {drawn}");
        }
    }
}

#[test]
fn the_probability_of_a_count_a_mean_and_a_quota_is_what_draws_of_the_noise_say() {
    let noise = fixture::laplace(6, 1);
    let all: Vec<Vec<i64>> = (0..4).map(|seed| drawn(&noise, seed)).collect();
    let reached = |table: &Table| table.tracked().next().unwrap().judged.reached.unwrap();
    for (n, least, most) in [(292, Some(300), None), (4, None, Some(3)), (300, Some(295), Some(305))] {
        let found = reached(&held(COUNT, &[], &[n], &noise, vec![target(Kind::Count, least, most, 0)]));
        let exact = |at: usize| n - all[0][at];
        let wanted = |at: usize| least.is_none_or(|least| exact(at) >= least) && most.is_none_or(|most| exact(at) <= most);
        let drawn = simulated(|at| exact(at) >= 0, wanted);
        assert!((found - drawn).abs() < AGREES, "{n} {least:?}: {found} {drawn}");
    }
    // Scores of 1 to 5: the distances from both ends.
    let mean = Formula::Split { vector: 0, low: 1, high: 5 };
    let found = reached(&held(mean, &[], &[105, 98], &noise, vec![target(Kind::Mean, Some(3), None, 0)]));
    let drawn = simulated(|_| true, |at| 105 - all[0][at] >= 98 - all[1][at]);
    assert!((found - drawn).abs() < AGREES, "{found} {drawn}");
    // One office of four.
    let counts = [38, 20, 31, 17];
    let quota = Target { part: Some(Part { key: 0, within: Vec::new() }), ..target(Kind::Share, Some(35), Some(35), 5) };
    let table = held(COUNT, &["x", "y", "z", "w"], &counts, &noise, vec![quota]);
    let exact = |at: usize| [0, 1, 2, 3].map(|office: usize| counts[office] - all[office][at]);
    let wanted = |at: usize| {
        let of = exact(at);
        let total: i64 = of.iter().sum();
        (30 * total..=40 * total).contains(&(100 * of[0]))
    };
    let drawn = simulated(|at| exact(at)[0] >= 0 && exact(at)[1..].iter().sum::<i64>() >= 0, wanted);
    let tracked = table.tracked().next().unwrap();
    let found = tracked.judged.reached.unwrap();
    assert!((found - drawn).abs() < AGREES, "{found} {drawn}");
    assert_eq!(tracked.judged.value, Some(358));
    assert!(tracked.judged.ends.unwrap().low < 300 && tracked.judged.ends.unwrap().high > 400);
}

#[test]
fn a_target_of_all_is_met_within_its_tolerance_by_a_firm_interval_and_not_by_a_wide_one() {
    let all = |tolerance| target(Kind::Share, Some(100), Some(100), tolerance);
    let (firm, wide) = (fixture::laplace(1, 4), fixture::laplace(12, 1));
    assert_eq!(share([200, 0], &firm, all(3)).0, Verdict::Met);
    assert_eq!(share([200, 0], &wide, all(3)).0, Verdict::CannotBeTold);
    assert_eq!(share([150, 50], &wide, all(3)).0, Verdict::NotMet);
    // Without a tolerance it is met where the noise is so small that nobody can be missing.
    assert_eq!(share([200, 0], &fixture::laplace(1, 20), all(0)).0, Verdict::Met);
    let (verdict, reached) = share([200, 0], &firm, all(0));
    assert!(verdict == Verdict::ProbablyMet && reached > 0.95, "{verdict:?} {reached}");
}

#[test]
fn verdicts_have_grades() {
    let noise = fixture::laplace(3, 1);
    let graded = |u: i64| share([u, 100 - u], &noise, target(Kind::Share, Some(65), Some(100), 0)).0;
    let all: Vec<Verdict> = [90, 69, 65, 61, 40].map(graded).to_vec();
    use Verdict::*;
    assert_eq!(all, [Met, ProbablyMet, CannotBeTold, ProbablyNot, NotMet]);
    // Nothing is said of nobody.
    let nobody = held(SHARE, &[], &[3, 2], &noise, vec![target(Kind::Share, Some(65), None, 0)]);
    let tracked = nobody.tracked().next().unwrap();
    assert_eq!((tracked.verdict, tracked.judged.reached, tracked.judged.ends), (CannotBeTold, None, None));
}

#[test]
fn a_distance_is_that_from_what_was_promised_and_not_from_what_is_tolerated() {
    let noise = fixture::laplace(1, 4);
    let far = |target: Target| {
        let table = held(SHARE, &[], &[62, 38], &noise, vec![target]);
        let tracked = table.tracked().next().unwrap();
        let strict = tracked.is_strict();
        (tracked.distance().unwrap(), tracked.verdict, strict)
    };
    let (distance, verdict, strict) = far(target(Kind::Share, Some(65), Some(100), 5));
    assert_eq!((distance.value, distance.decimals, verdict, strict), (-30, 1, Verdict::Met, false));
    let Interval { low, high } = distance.ends.unwrap();
    assert!(low < -30 && -30 < high && high < 0, "{low} {high}");
    assert_eq!(far(target(Kind::Share, Some(20), Some(30), 0)).0.value, 320);
    assert_eq!(far(target(Kind::Share, Some(60), Some(70), 0)).0.value, 0);
    assert_eq!(far(target(Kind::Share, None, Some(70), 0)).0.value, -80);
}

#[test]
fn what_was_archived_before_is_read_and_written_as_it_was() {
    let old = r#"{"title":{"sv":"a","en":"a"},"code":"x","minimum":65,"maximum":100}"#;
    let read: Target = serde_json::from_str(old).unwrap();
    assert_eq!(read, target(Kind::Share, Some(65), Some(100), 0));
    assert_eq!(serde_json::to_string(&read).unwrap(), old);
    let new = Target { part: Some(Part { key: 1, within: vec!["b".to_owned()] }), ..target(Kind::Count, Some(3), None, 2) };
    assert_eq!(serde_json::from_str::<Target>(&serde_json::to_string(&new).unwrap()).unwrap(), new);
}
