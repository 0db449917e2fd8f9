use rand::SeedableRng;
use rand::distr::Distribution;
use rand::rngs::ChaCha20Rng;
use utfall_privacy::{DiscreteGaussian, DiscreteLaplace, Exponential};

use super::*;
use crate::description::formula;
use crate::estimate::noise::Noise;
use crate::estimate::{Addend, Goes};
use crate::fixture::{exponential, gaussian, laplace};

/// Noisy numbers of so many cells that all have the same exact number, drawn by the samplers of the core.
fn draws(exact: i64, noise: &Noise, cells: usize, rng: &mut ChaCha20Rng) -> Vec<i64> {
    let add = |draw: i64| exact + draw;
    match noise {
        Noise::Laplace { scale } => DiscreteLaplace::new(scale.clone()).unwrap().sample_iter(rng).map(add).take(cells).collect(),
        Noise::Gaussian { variance } => {
            DiscreteGaussian::new(variance.clone()).unwrap().sample_iter(rng).map(add).take(cells).collect()
        }
        Noise::Exponential { .. } | Noise::Thresholded { .. } => panic!("nothing is added to each number"),
    }
}

fn of<'a>(vectors: &'a [(Vec<i64>, Noise)]) -> Vec<Measured<'a>> {
    vectors
        .iter()
        .map(|(values, noise)| Measured { name: "", values, keys: None, noise: std::sync::Arc::new(noise.clone().into()) })
        .collect()
}

/// How many cells have an interval, which share of these holds the exact statistic, and their mean width. A cell has none
/// exactly where its count may be that of nobody. Every interval must hold the published number too, but for what is widened to.
fn coverage(formula: &Formula, vectors: &[(Vec<i64>, Noise)], cells: usize, exact: f64, level: &str) -> (usize, f64, f64) {
    let level = Level::parse(level).unwrap();
    let found = intervals(formula, &of(vectors), &[], cells, level.tail(), &[]).unwrap();
    let values: Vec<&[i64]> = vectors.iter().map(|(values, _)| values.as_slice()).collect();
    let numbers = formula::cells(formula, &values, cells);
    let (mut have, mut inside, mut width) = (0, 0.0, 0.0);
    for (at, (ends, number)) in found.ends.iter().zip(numbers).enumerate() {
        assert_eq!(ends.is_none(), found.nobody.get(at) == Some(&true));
        let Some(Interval { low, high }) = *ends else { continue };
        let holds = |x: f64| x >= low - 1e-5 && x <= high + 1e-5;
        if matches!(formula, Formula::Count { .. } | Formula::Sum { .. } | Formula::Mean { .. }) {
            assert!(number.is_none_or(holds), "{number:?} is not in {low} to {high}");
        }
        have += 1;
        inside += f64::from(u8::from(holds(exact)));
        width += high - low;
    }
    (have, inside / have as f64, width / have as f64)
}

/// Four standard deviations of the share among 2,000 cells below the level: missed by chance once in 30,000 times.
fn reached(share: f64, level: f64) -> bool {
    share >= level - 4.0 * (level * (1.0 - level) / 2000.0).sqrt()
}

const CELLS: usize = 2000;

#[test]
fn counts_and_sums_reach_their_level() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    for noise in [laplace(9, 1), gaussian(162, 1), laplace(1, 2)] {
        for (level, chance) in [("0.95", 0.95), ("0.8", 0.8)] {
            let vectors = [(draws(70, &noise, CELLS, &mut rng), noise.clone())];
            let (_, share, width) = coverage(&Formula::Sum { vector: 0 }, &vectors, CELLS, 70.0, level);
            assert!(reached(share, chance), "{noise:?} {level}: {share}");
            let margin =
                intervals(&Formula::Count { vector: 0 }, &of(&vectors), &[], 1, Level::parse(level).unwrap().tail(), &[])
                    .unwrap()
                    .margin;
            assert_eq!(width, 2.0 * margin.unwrap() as f64);
        }
    }
}

/// The level is reached and not exceeded by much; of cells that mostly have no interval, few have one that misses.
fn met((have, share, _): (usize, f64, f64), level: f64, most: f64) -> bool {
    let missed = have as f64 * (1.0 - share) / CELLS as f64;
    if have * 10 < 9 * CELLS { missed <= 1.0 - level } else { reached(share, level) && share <= most }
}

#[test]
fn means_reach_their_level() {
    let formula = Formula::Mean { count: 0, sum: 1, centre: 200, low: 0, high: 600 };
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    // Many people, few, and so few that their number may be nobody; sums above the centre and below.
    for (n, sum) in [(300, 33_000), (120, -6_000), (30, -3_000), (3, 900), (1, 0), (40, 0)] {
        for (counting, summing) in [(laplace(9, 1), laplace(1800, 1)), (gaussian(162, 1), gaussian(9_000_000, 1))] {
            let vectors = [(draws(n, &counting, CELLS, &mut rng), counting), (draws(sum, &summing, CELLS, &mut rng), summing)];
            let exact = 200.0 + sum as f64 / n as f64;
            let found = coverage(&formula, &vectors, CELLS, exact, "0.95");
            println!(
                "mean of {n}: {} of {CELLS} have one, {:.1} % of these hold, width {:.1}",
                found.0,
                100.0 * found.1,
                found.2
            );
            assert!(met(found, 0.95, 0.965), "{n} {sum}: {found:?}");
            assert!(n < 100 || found.2 < 140.0, "{n} {sum}: {found:?}");
        }
    }
}

#[test]
fn variances_and_deviations_reach_their_level() {
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let (counting, summing, squaring) = (laplace(3, 1), laplace(15, 1), laplace(75, 1));
    for (n, sum, squares) in [(400, 300, 2_500), (60, -100, 400), (8, 3, 20), (1, 2, 4)] {
        for sample in [false, true].into_iter().filter(|sample| n > i64::from(*sample)) {
            let vectors = [
                (draws(n, &counting, CELLS, &mut rng), counting.clone()),
                (draws(sum, &summing, CELLS, &mut rng), summing.clone()),
                (draws(squares, &squaring, CELLS, &mut rng), squaring.clone()),
            ];
            let (n, mean) = (n as f64, sum as f64 / n as f64);
            let exact = (squares as f64 / n - mean * mean) * if sample { n / (n - 1.0) } else { 1.0 };
            let variance = Formula::Variance { count: 0, sum: 1, squares: 2, sample, low: 0, high: 10, centre: 5 };
            let deviation = Formula::Deviation { count: 0, sum: 1, squares: 2, sample, low: 0, high: 10, centre: 5 };
            let found = coverage(&variance, &vectors, CELLS, exact, "0.9");
            let root = coverage(&deviation, &vectors, CELLS, exact.sqrt(), "0.9");
            println!(
                "variance of {n}: {} of {CELLS} have one, {:.1} % of these hold, width {:.2}",
                found.0,
                100.0 * found.1,
                found.2
            );
            assert!(met(found, 0.9, 0.93) && (n < 100.0 || found.2 < 1.8), "{n} {sample}: {found:?}");
            assert!(root.0 == found.0 && root.1 == found.1 && (n < 100.0 || root.2 < 0.5), "{n} {sample}: {root:?}");
        }
    }
}

/// Sums of periods: several noises behind each number.
#[test]
fn means_of_sums_reach_their_level() {
    let formula = Formula::Mean { count: 0, sum: 1, centre: 5, low: 0, high: 10 };
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    let (counting, summing) = (laplace(3, 1), laplace(15, 1));
    let mut summed = |exact: i64, noise: &Noise| {
        let parts: Vec<Estimate> =
            (0..4).map(|_| Estimate::alone(&draws(exact, noise, CELLS, &mut rng), noise).unwrap()).collect();
        let goes = || (0..CELLS).map(|at| Goes { from: at, to: at }).collect();
        Estimate::sum(&parts.iter().map(|estimate| Addend { estimate, goes: goes() }).collect::<Vec<_>>(), CELLS).unwrap()
    };
    let (counts, sums) = (summed(50, &counting), summed(60, &summing));
    let vectors = [(counts.whole.clone(), counting), (sums.whole.clone(), summing)];
    let found = intervals(&formula, &of(&vectors), &[Some(&counts), Some(&sums)], CELLS, 0.05, &[]).unwrap();
    let held = found.ends.iter().flatten().filter(|ends| (ends.low..=ends.high).contains(&6.2)).count();
    assert!((0.94..0.96).contains(&(held as f64 / CELLS as f64)) && found.ends.iter().all(Option::is_some), "{held}");
}

#[test]
fn quantiles_of_histograms_reach_their_level() {
    // A hundred ratings of each of 3, 4 and 5, fewer of the rest; and one of each of so many that a value is next to nobody.
    let ratings = [5, 20, 40, 100, 100, 100, 30, 4, 0, 1].to_vec();
    for (exact, most, widest) in [(ratings, 1.0, 2.0), (vec![4; 100], 0.98, 30.0)] {
        let bins = exact.len();
        for noise in [laplace(4, 1), gaussian(32, 1)] {
            let drawn = draws(0, &noise, bins * CELLS, &mut ChaCha20Rng::seed_from_u64(4));
            let noisy = drawn.iter().zip(exact.iter().cycle()).map(|(noise, exact)| noise + exact).collect();
            let vectors = [(noisy, noise)];
            for (numerator, denominator) in [(1, 2), (1, 4), (9, 10)] {
                let formula = Formula::HistogramQuantile { vector: 0, low: -3, bins, numerator, denominator };
                let truth = formula::cells(&formula, &[&exact], 1)[0].unwrap();
                let found = coverage(&formula, &vectors, CELLS, truth, "0.95");
                println!(
                    "quantile {numerator}/{denominator} of {bins} values: {} of {CELLS} have one, {:.1} % of these hold, width {:.1}",
                    found.0,
                    100.0 * found.1,
                    found.2
                );
                assert!(met(found, 0.95, most) && found.2 < widest, "{numerator}/{denominator}: {found:?}");
            }
        }
    }
}

/// The ends of one cell.
fn of_one(formula: &Formula, numbers: &[(i64, Noise)]) -> Intervals {
    let vectors: Vec<_> = numbers.iter().map(|(number, noise)| (vec![*number], noise.clone())).collect();
    intervals(formula, &of(&vectors), &[], 1, 0.05, &[]).unwrap()
}

#[test]
fn where_the_count_may_be_nobody_there_is_no_interval() {
    let mean = Formula::Mean { count: 0, sum: 1, centre: 200, low: 0, high: 600 };
    let variance = |sample| Formula::Variance { count: 0, sum: 1, squares: 2, sample, low: 0, high: 10, centre: 5 };
    let constant = |least| Formula::Constant { count: 0, value: 7, least };
    // A margin of three.
    let count = |n| (n, laplace(1, 1));
    let numbers = |n| [count(n), (0, laplace(5, 1)), (40, laplace(25, 1))];
    for (formula, first) in [
        (&mean, 4),
        (&variance(false), 4),
        (&variance(true), 5),
        (&Formula::HistogramQuantile { vector: 0, low: 0, bins: 1, numerator: 1, denominator: 2 }, 4),
    ] {
        for n in [-30, 0, 1, first - 1, first, 1_000] {
            let found = of_one(formula, &numbers(n));
            assert_eq!((found.ends[0].is_none(), found.nobody[0]), (n < first, n < first), "{formula:?} of {n}");
        }
    }
    for (least, n, nobody) in [(1, 3, true), (1, 4, false), (2, 4, true), (2, 5, false), (i64::MIN, -30, false)] {
        let found = of_one(&constant(least), &[count(n)]);
        assert_eq!((found.ends, found.nobody), (vec![Some(Interval::new(7.0, 7.0))], vec![nobody]), "known, whoever there is");
    }
    assert_eq!(of_one(&Formula::Count { vector: 0 }, &[count(0)]).nobody, [false; 0]);
    let split = Formula::Split { vector: 0, low: 0, high: 1 };
    let both = |u, v| intervals(&split, &of(&[(vec![u, v], laplace(1, 1))]), &[], 1, 0.05, &[]).unwrap();
    // Of the sum of both noises the margin is four.
    assert_eq!((both(3, 1).ends[0], both(3, 1).nobody, both(3, 1).sampling), (None, vec![true], Some(vec![None])));
    assert_eq!((both(3, 2).ends[0].is_some(), both(3, 2).nobody), (true, vec![false]));
}

#[test]
fn intervals_by_hand() {
    let mean = |n, sum| {
        let formula = Formula::Mean { count: 0, sum: 1, centre: 10, low: 0, high: 100 };
        of_one(&formula, &[(n, gaussian(25, 1)), (sum, gaussian(100, 1))]).ends[0].unwrap()
    };
    // (S - m n)^2 = 1.96^2 (100 + 25 m^2) at n = 100 and S = 220: m = 1.98 and 2.42 by the formula of squares, wider by a hundredth.
    let Interval { low, high } = mean(100, 220);
    assert!((low - 11.925).abs() < 0.02 && (high - 12.515).abs() < 0.02, "{low} {high}");
    let Interval { low, high } = mean(100, -5_000);
    assert!(
        low == 0.0 && high > 0.0 && high < 1.0,
        "beyond all that is possible, the nearest that is keeps a width: {low} {high}"
    );
    // Next to no noise: the interval is the variance itself, and its nearest neighbours.
    let variance = |sample| {
        let formula = Formula::Variance { count: 0, sum: 1, squares: 2, sample, low: 0, high: 10, centre: 5 };
        of_one(&formula, &[10, 20, 90].map(|number| (number, laplace(1, 90)))).ends[0].unwrap()
    };
    for (sample, exact) in [(false, 5.0), (true, 50.0 / 9.0)] {
        let Interval { low, high } = variance(sample);
        assert!((low - exact).abs() < 1e-5 && (high - exact).abs() < 1e-5, "{low} {high}");
    }
    // The values of all are the same: none is less than nothing.
    let formula = Formula::Variance { count: 0, sum: 1, squares: 2, sample: false, low: 0, high: 10, centre: 5 };
    let Interval { low, high } =
        of_one(&formula, &[(40, laplace(1, 1)), (80, laplace(5, 1)), (90, laplace(25, 1))]).ends[0].unwrap();
    assert!(low == 0.0 && high > 0.5 && high < 5.0, "{low} {high}");
}

#[test]
fn a_mean_has_a_second_interval_where_the_spread_is_known() {
    let mean = Formula::Mean { count: 0, sum: 1, centre: 5, low: 0, high: 10 };
    let spread = Formula::Deviation { count: 0, sum: 1, squares: 2, sample: true, low: 0, high: 10, centre: 5 };
    let other = Formula::Deviation { count: 0, sum: 3, squares: 2, sample: true, low: 0, high: 10, centre: 5 };
    let text = || utfall_ground::text::Text { sv: String::new(), en: String::new() };
    let measured = |formula: &Formula| Statistic { name: String::new(), title: text(), unit: None, formula: formula.clone() };
    let vectors = [(vec![100, 12], laplace(1, 1)), (vec![100, 12], laplace(5, 1)), (vec![500, 50], laplace(25, 1))];
    let with = |beside: &Formula| intervals(&mean, &of(&vectors), &[], 2, 0.05, &[measured(&mean), measured(beside)]).unwrap();
    let found = with(&spread);
    let (Some(noise), Some([Some(wider), few])) = (found.ends[0], found.sampling.as_deref()) else { panic!("{found:?}") };
    assert!(wider.low < noise.low && wider.high > noise.high && wider.high - wider.low < 1.5, "{noise:?} {wider:?}");
    assert_eq!(*few, None, "of twelve the spread says too little");
    assert_eq!(with(&other).sampling, None, "the spread of something else");
}

#[test]
fn a_chosen_quantile_is_off_by_so_many_ranks() {
    let formula = Formula::Quantile { vector: 0, low: 0, numerator: 9, denominator: 10, count: None, ends: None };
    let vectors = [(vec![7, 8], exponential(101, 40, 1))];
    let found = intervals(&formula, &of(&vectors), &[], 2, Level::parse("0.95").unwrap().tail(), &[]).unwrap();
    // 40 ln(101 / 0.05) / 10 = 30.4
    assert_eq!(found, Intervals { ends: vec![None; 2], margin: None, rank: Some(31), sampling: None, nobody: Vec::new() });
}

/// A median of a hundred values, four at a time and far between, as the core chooses it.
#[test]
fn a_chosen_median_is_off_by_so_few_ranks() {
    let counts: Vec<i64> = (0..101).map(|value| if value % 4 == 0 { 4 } else { 0 }).collect();
    let n: i64 = counts.iter().sum();
    let below = |value: usize| counts.iter().take(value).sum::<i64>();
    let scores: Vec<i64> = (0..101).map(|value| -(2 * below(value) - n).max(n - 2 * below(value + 1)).max(0)).collect();
    let formula = Formula::Quantile { vector: 0, low: 0, numerator: 1, denominator: 2, count: None, ends: None };
    for scale in [2, 8] {
        let vectors = [(vec![0], exponential(101, scale, 1))];
        let rank = intervals(&formula, &of(&vectors), &[], 1, 0.05, &[]).unwrap().rank.unwrap() as i64;
        let Noise::Exponential { scale: exact, .. } = &vectors[0].1 else { panic!("it chooses") };
        let chooser = Exponential::new(101, exact).unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(6);
        let near = |value: usize| 2 * below(value) <= n + 2 * rank && 2 * below(value + 1) >= n - 2 * rank;
        let held = (0..CELLS).filter(|_| near(chooser.choose(&scores, &mut rng).unwrap() as usize)).count() as f64;
        println!("median chosen with scale {scale}: {:.1} % within {rank} ranks", 100.0 * held / CELLS as f64);
        assert!(reached(held / CELLS as f64, 0.95));
    }
}

#[test]
fn odd_input_ends_nothing() {
    let mean = |low, high| Formula::Mean { count: 0, sum: 1, centre: low, low, high };
    let deviation = Formula::Deviation { count: 0, sum: 1, squares: 2, sample: true, low: 0, high: 10, centre: 5 };
    let numbers = [i64::MIN, i64::MIN + 1, -1, 0, 1, 2, 1_000, i64::MAX];
    let pairs = || numbers.into_iter().flat_map(|n| numbers.map(|sum| (n, sum)));
    let (counts, sums): (Vec<i64>, Vec<i64>) = pairs().unzip();
    let both: Vec<i64> = pairs().flat_map(|(u, v)| [u, v]).collect();
    let share = |low, high| Formula::Split { vector: 0, low, high };
    for noise in [laplace(1, 50), laplace(9, 1), gaussian(1, 400), gaussian(162, 1)] {
        let three = [&counts, &sums, &sums].map(|numbers| (numbers.clone(), noise.clone()));
        let two = [(both.clone(), noise)];
        let of_three =
            [mean(0, 10), mean(i64::MIN, i64::MAX), mean(4, 4), deviation.clone()].map(|formula| (formula, &three[..]));
        let of_two = [share(0, 1), share(3, 90), share(i64::MIN, i64::MAX)].map(|formula| (formula, &two[..]));
        for (formula, vectors) in of_three.into_iter().chain(of_two) {
            let found = intervals(&formula, &of(vectors), &[], counts.len(), 0.05, &[]).unwrap();
            for (ends, pair) in found.ends.iter().zip(pairs()) {
                assert!(ends.is_none_or(|ends| ends.low <= ends.high), "{formula:?} of {pair:?}: {ends:?}");
            }
        }
    }
    // A cell that is not there.
    let vectors = [(Vec::new(), laplace(1, 1)), (Vec::new(), laplace(1, 1)), (Vec::new(), laplace(1, 1))];
    let found = intervals(&deviation, &of(&vectors), &[], 1, 0.05, &[]).unwrap();
    assert_eq!((found.ends, found.nobody), (vec![None], vec![true]));
}

#[test]
fn levels() {
    for bad in ["", "0", "1", "1.0", ".95", "0.", "0.0", "0.950000000", "95", "0,95", "-0.5", "0.9e1", "0.+5"] {
        assert!(Level::parse(bad).is_err(), "{bad}");
    }
    let level = Level::parse("0.999").unwrap();
    assert_eq!(level.percent(), 99.9);
    assert!((level.outside() - 0.1).abs() < 1e-12);
}
