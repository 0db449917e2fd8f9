use rand::SeedableRng;
use rand::distr::Distribution;
use rand::rngs::ChaCha20Rng;
use utfall_privacy::{DiscreteGaussian, DiscreteLaplace};

use super::*;
use crate::description::formula;
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

/// The share of cells whose interval holds the exact statistic, and the mean width of the intervals. Every interval must
/// hold the published number too.
fn coverage(formula: &Formula, vectors: &[(Vec<i64>, Noise)], cells: usize, exact: f64, level: &str) -> (f64, f64) {
    let level = Level::parse(level).unwrap();
    let found = intervals(formula, &of(vectors), &[], cells, level.tail()).unwrap().ends;
    let values: Vec<&[i64]> = vectors.iter().map(|(values, _)| values.as_slice()).collect();
    let numbers = formula::cells(formula, &values, cells);
    let (mut inside, mut width) = (0.0, 0.0);
    for (ends, number) in found.iter().zip(numbers) {
        let Interval { low, high } = ends.unwrap();
        let holds = |x: f64| x >= low - 1e-9 && x <= high + 1e-9;
        if !matches!(formula, Formula::HistogramQuantile { .. }) {
            assert!(number.is_none_or(holds), "{number:?} is not in {low} to {high}");
        }
        inside += f64::from(u8::from(holds(exact)));
        width += high - low;
    }
    (inside / cells as f64, width / cells as f64)
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
            let (share, width) = coverage(&Formula::Sum { vector: 0 }, &vectors, CELLS, 70.0, level);
            assert!(reached(share, chance), "{noise:?} {level}: {share}");
            let margin = intervals(&Formula::Count { vector: 0 }, &of(&vectors), &[], 1, Level::parse(level).unwrap().tail())
                .unwrap()
                .margin;
            assert_eq!(width, 2.0 * margin.unwrap() as f64);
        }
    }
}

#[test]
fn means_reach_their_level() {
    let formula = Formula::Mean { count: 0, sum: 1, centre: 200, low: 0, high: 600 };
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    // Many people, few, and so few that their number may be nobody; sums above the centre and below.
    for (n, sum) in [(300, 33_000), (120, -6_000), (30, -3_000), (3, 900), (40, 0)] {
        for (counting, summing) in [(laplace(9, 1), laplace(1800, 1)), (gaussian(162, 1), gaussian(9_000_000, 1))] {
            let vectors = [(draws(n, &counting, CELLS, &mut rng), counting), (draws(sum, &summing, CELLS, &mut rng), summing)];
            let exact = 200.0 + sum as f64 / n as f64;
            let (share, width) = coverage(&formula, &vectors, CELLS, exact, "0.95");
            assert!(reached(share, 0.95), "{n} {sum}: {share}");
            assert!(n < 100 || width < 200.0, "{n} {sum}: {width}");
        }
    }
}

#[test]
fn variances_and_deviations_reach_their_level() {
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let (counting, summing, squaring) = (laplace(3, 1), laplace(15, 1), laplace(75, 1));
    for (n, sum, squares) in [(400, 300, 2_500), (60, -100, 400), (8, 3, 20)] {
        for sample in [false, true] {
            let vectors = [
                (draws(n, &counting, CELLS, &mut rng), counting.clone()),
                (draws(sum, &summing, CELLS, &mut rng), summing.clone()),
                (draws(squares, &squaring, CELLS, &mut rng), squaring.clone()),
            ];
            let (n, mean) = (n as f64, sum as f64 / n as f64);
            let exact = (squares as f64 / n - mean * mean) * if sample { n / (n - 1.0) } else { 1.0 };
            let variance = Formula::Variance { count: 0, sum: 1, squares: 2, sample, low: 0, high: 10, centre: 5 };
            let deviation = Formula::Deviation { count: 0, sum: 1, squares: 2, sample, low: 0, high: 10, centre: 5 };
            let (share, width) = coverage(&variance, &vectors, CELLS, exact, "0.9");
            assert!(reached(share, 0.9) && (n < 100.0 || width < 5.0), "{n} {sample}: {share} {width}");
            let (share, width) = coverage(&deviation, &vectors, CELLS, exact.sqrt(), "0.9");
            assert!(reached(share, 0.9) && (n < 100.0 || width < 1.5), "{n} {sample}: {share} {width}");
        }
    }
}

#[test]
fn quantiles_of_histograms_reach_their_level() {
    // A hundred ratings of each of 3, 4 and 5, fewer of the rest.
    let exact = [5, 20, 40, 100, 100, 100, 30, 4, 0, 1];
    for (numerator, denominator) in [(1, 2), (1, 4), (9, 10)] {
        let formula = Formula::HistogramQuantile { vector: 0, low: -3, bins: 10, numerator, denominator };
        let truth = formula::cells(&formula, &[&exact], 1)[0].unwrap();
        for noise in [laplace(4, 1), gaussian(32, 1)] {
            let mut rng = ChaCha20Rng::seed_from_u64(4);
            let bins = draws(0, &noise, 10 * CELLS, &mut rng);
            let noisy = bins.iter().zip(exact.iter().cycle()).map(|(noise, exact)| noise + exact).collect();
            let (share, width) = coverage(&formula, &[(noisy, noise)], CELLS, truth, "0.95");
            assert!(reached(share, 0.95) && width < 5.0, "{numerator}/{denominator}: {share} {width}");
        }
    }
}

#[test]
fn intervals_by_hand() {
    const RANGE: Interval<i64> = Interval::new(0, 100);
    const MEDIAN: Weights = Weights { below: 1.0, above: 1.0 };
    let of = Interval::<f64>::new;
    assert_eq!(mean(of(90.0, 110.0), of(-50.0, 220.0), 10, RANGE), of(10.0 - 50.0 / 90.0, 10.0 + 220.0 / 90.0));
    assert_eq!(mean(of(90.0, 110.0), of(110.0, 180.0), 10, RANGE), of(11.0, 12.0));
    assert_eq!(mean(of(90.0, 110.0), of(-180.0, -110.0), 10, RANGE), of(8.0, 9.0));
    assert_eq!(mean(of(0.0, 110.0), of(110.0, 180.0), 10, RANGE), of(0.0, 100.0), "perhaps nobody");
    assert_eq!(mean(of(1.0, 1.0), of(500.0, 600.0), 10, RANGE), of(100.0, 100.0));
    // Without noise the interval is the variance itself.
    assert_eq!(variance(of(10.0, 10.0), of(20.0, 20.0), of(90.0, 90.0), false, 25.0), of(5.0, 5.0));
    assert_eq!(variance(of(10.0, 10.0), of(20.0, 20.0), of(90.0, 90.0), true, 25.0), of(5.0 * 10.0 / 9.0, 5.0 * 10.0 / 9.0));
    assert_eq!(variance(of(0.0, 10.0), of(20.0, 20.0), of(90.0, 90.0), false, 25.0), of(0.0, 25.0), "perhaps nobody");
    assert_eq!(variance(of(1.0, 10.0), of(20.0, 20.0), of(90.0, 90.0), true, 25.0), of(0.0, 50.0), "perhaps a sample of one");
    // A median of 18, 18, 19, 21, 22 with next to no noise, and with so much that it can be any of the values.
    let counts = [2, 1, 0, 1, 1];
    assert_eq!(quantile(&counts, MEDIAN, &[0.2; 6]), Some(Interval::new(1, 1)));
    assert_eq!(quantile(&counts, MEDIAN, &[9.0; 6]), Some(Interval::new(0, 4)));
    // Of 18, 18, 18, 22, 22, 22, 22 the median is the value that more of them have.
    assert_eq!(quantile(&[3, 0, 0, 0, 4], MEDIAN, &[0.2; 6]), Some(Interval::new(4, 4)));
    assert_eq!(quantile(&[], MEDIAN, &[0.0]), None);
}

#[test]
fn the_interval_of_a_variance_spans_all_that_it_can_be() {
    let of = Interval::<f64>::new;
    // Against a lattice over the box, at which no value may lie outside, and some must come near both ends.
    for (n, sum, squares) in [
        (of(8.0, 40.0), of(30.0, 60.0), of(100.0, 300.0)),
        (of(3.0, 9.0), of(-8.0, 2.0), of(-5.0, 30.0)),
        (of(20.0, 22.0), of(60.0, 70.0), of(500.0, 600.0)),
    ] {
        let Interval { low, high } = variance(n, sum, squares, false, 1e9);
        let at = |of: Interval, step: i32| of.low + (of.high - of.low) * f64::from(step) / 60.0;
        let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
        for (i, j, k) in (0..=60).flat_map(|i| (0..=60).flat_map(move |j| (0..=60).map(move |k| (i, j, k)))) {
            let (n, mean) = (at(n, i), at(sum, j) / at(n, i));
            let found = (at(squares, k) / n - mean * mean).max(0.0);
            (least, greatest) = (least.min(found), greatest.max(found));
        }
        assert!(low <= least + 1e-9 && low >= least - 1e-9, "{low} {least}");
        assert!(high >= greatest - 1e-9 && high <= greatest * 1.01 + 1e-9, "{high} {greatest}");
    }
}

#[test]
fn a_chosen_quantile_is_off_by_so_many_ranks() {
    let formula = Formula::Quantile { vector: 0, low: 0, numerator: 9, denominator: 10, count: None, ends: None };
    let vectors = [(vec![7, 8], exponential(101, 40, 1))];
    let found = intervals(&formula, &of(&vectors), &[], 2, Level::parse("0.95").unwrap().tail()).unwrap();
    // 40 ln(101 / 0.05) / 10 = 30.4
    assert_eq!(found, Intervals { ends: vec![None; 2], margin: None, rank: Some(31), sampling: None });
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
