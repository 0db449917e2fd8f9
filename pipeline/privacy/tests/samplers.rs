//! The samplers against their exact distributions: chi-square at level 1e-6, with fixed seeds.
//!
//! 2,000,000 draws each; `UTFALL_AUDIT_DRAWS=100000000 cargo test --release --test samplers` draws more.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    reason = "tests say what they expect, and fail by panicking"
)]

use rand::SeedableRng;
use rand::rngs::ChaCha20Rng;
use rand_distr::Distribution;
use utfall_privacy::rational::parse_decimal;
use utfall_privacy::{DiscreteGaussian, DiscreteLaplace, Exponential};

/// The 1 - 1e-6 quantile of the standard normal distribution.
const Z: f64 = 4.753_424_308_822_899;

fn draws() -> u64 {
    match std::env::var("UTFALL_AUDIT_DRAWS") {
        Ok(text) => text.parse().expect("UTFALL_AUDIT_DRAWS is a number"),
        Err(_) => 2_000_000,
    }
}

/// How often each of `-reach..=reach` was drawn, and in the last place how often anything else.
fn count(reach: i64, draws: u64, mut draw: impl FnMut() -> i64) -> Vec<u64> {
    let mut counts = vec![0; usize::try_from(2 * reach + 2).unwrap()];
    for _ in 0..draws {
        let x = draw();
        let place = if x.abs() <= reach { x + reach } else { 2 * reach + 1 };
        counts[usize::try_from(place).unwrap()] += 1;
    }
    counts
}

/// The largest |x| that is expected at least 20 times.
fn reach(draws: u64, pmf: impl Fn(i64) -> f64) -> i64 {
    (0..).take_while(|x| pmf(*x) * draws as f64 >= 20.0).last().unwrap()
}

/// Pearson's statistic divided by its critical value (Wilson-Hilferty): above one, the counts do not fit.
fn misfit(draws: u64, mut draw: impl FnMut() -> i64, pmf: impl Fn(i64) -> f64) -> f64 {
    let reach = reach(draws, &pmf);
    let counts = count(reach, draws, &mut draw);
    let mut expected: Vec<f64> = (-reach..=reach).map(|x| pmf(x) * draws as f64).collect();
    expected.push((draws as f64 - expected.iter().sum::<f64>()).max(1e-9));
    let mut cells: Vec<(f64, f64)> = counts.iter().map(|count| *count as f64).zip(expected).collect();
    // Tails that are rarer than 20 go to the middle cell.
    if let Some(&(seen, rare)) = cells.last()
        && rare < 20.0
    {
        cells.pop();
        let middle = usize::try_from(reach).unwrap();
        cells[middle] = (cells[middle].0 + seen, cells[middle].1 + rare);
    }
    let statistic: f64 = cells.iter().map(|(seen, expected)| (seen - expected).powi(2) / expected).sum();
    let freedom = cells.len() as f64 - 1.0;
    if freedom < 1.0 {
        return 0.0;
    }
    let part = 2.0 / (9.0 * freedom);
    statistic / (freedom * (1.0 - part + Z * part.sqrt()).powi(3))
}

fn laplace_pmf(scale: f64) -> impl Fn(i64) -> f64 {
    move |x| (0.5 / scale).tanh() * (-(x.unsigned_abs() as f64) / scale).exp()
}

fn gaussian_pmf(variance: f64) -> impl Fn(i64) -> f64 {
    let weight = move |x: i64| (-(x as f64).powi(2) / (2.0 * variance)).exp();
    let edge = (40.0 * variance.sqrt()) as i64 + 10;
    let total: f64 = (-edge..=edge).map(weight).sum();
    move |x| weight(x) / total
}

fn check_laplace(scale: &str, value: f64, seed: u64) {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let sampler = DiscreteLaplace::new(parse_decimal(scale).unwrap()).unwrap();
    let misfit = misfit(draws(), || sampler.sample(&mut rng), laplace_pmf(value));
    assert!(misfit < 1.0, "scale {scale}: {misfit}");
}

fn check_gaussian(variance: &str, value: f64, seed: u64) {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let sampler = DiscreteGaussian::new(parse_decimal(variance).unwrap()).unwrap();
    let misfit = misfit(draws(), || sampler.sample(&mut rng), gaussian_pmf(value));
    assert!(misfit < 1.0, "variance {variance}: {misfit}");
}

#[test]
fn laplace_of_whole_scales() {
    check_laplace("1", 1.0, 11);
    check_laplace("9", 9.0, 12);
}

#[test]
fn laplace_of_fractions() {
    check_laplace("1/3", 1.0 / 3.0, 13);
    check_laplace("7/2", 3.5, 14);
}

#[test]
fn laplace_of_a_long_fraction() {
    check_laplace("2.123456789012345678", 2.123_456_789_012_345_7, 15);
}

#[test]
fn gaussian_of_whole_variances() {
    check_gaussian("1", 1.0, 21);
    check_gaussian("20", 20.0, 22);
}

#[test]
fn gaussian_of_fractions() {
    check_gaussian("1/3", 1.0 / 3.0, 23);
    check_gaussian("20.529", 20.529, 24);
}

/// The probability of each candidate.
fn exponential_pmf(scores: &[i64], scale: f64) -> impl Fn(i64) -> f64 {
    let best = *scores.iter().max().unwrap();
    let weights: Vec<f64> = scores.iter().map(|score| ((score - best) as f64 / scale).exp()).collect();
    let total: f64 = weights.iter().sum();
    move |place| usize::try_from(place).ok().and_then(|place| weights.get(place)).map_or(0.0, |weight| weight / total)
}

/// Chi-square over the candidates, each of which is expected often enough.
fn choice_misfit(counts: &[u64], draws: u64, pmf: impl Fn(i64) -> f64) -> f64 {
    let expected = (0..).map(|place| pmf(place) * draws as f64);
    let statistic: f64 = counts.iter().zip(expected).map(|(seen, expected)| (*seen as f64 - expected).powi(2) / expected).sum();
    let freedom = counts.len() as f64 - 1.0;
    let part = 2.0 / (9.0 * freedom);
    statistic / (freedom * (1.0 - part + Z * part.sqrt()).powi(3))
}

fn choices(scores: &[i64], scale: &str, draws: u64, seed: u64) -> Vec<u64> {
    let mut rng = ChaCha20Rng::seed_from_u64(seed);
    let sampler = Exponential::new(u64::try_from(scores.len()).unwrap(), &parse_decimal(scale).unwrap()).unwrap();
    let mut counts = vec![0; scores.len()];
    for _ in 0..draws {
        counts[usize::try_from(sampler.choose(scores, &mut rng).unwrap()).unwrap()] += 1;
    }
    counts
}

fn check_exponential(scores: &[i64], scale: &str, value: f64, seed: u64) {
    let draws = draws() / 4;
    let misfit = choice_misfit(&choices(scores, scale, draws, seed), draws, exponential_pmf(scores, value));
    assert!(misfit < 1.0, "scale {scale}: {misfit}");
}

#[test]
fn exponential_of_few_candidates() {
    check_exponential(&[0, 1], "1", 1.0, 51);
    check_exponential(&[-7, -3, -3, -12, 0], "7/2", 3.5, 52);
}

#[test]
fn exponential_of_many_candidates() {
    let scores: Vec<i64> = (0..121_i64).map(|age| -(age - 43).abs()).collect();
    check_exponential(&scores, "20", 20.0, 53);
    check_exponential(&[i64::MIN, i64::MIN + 1, i64::MIN + 2], "2/3", 2.0 / 3.0, 54);
}

/// The test can fail: a scale that is off, one candidate that is favoured, scores taken for their opposites.
#[test]
fn wrong_choices_are_found() {
    let scores = [0, 3, 5, 5, 9];
    let counts = choices(&scores, "6", 500_000, 55);
    let misfit = |scores: &[i64], scale| choice_misfit(&counts, 500_000, exponential_pmf(scores, scale));
    assert!(misfit(&scores, 6.0) < 1.0);
    assert!(misfit(&scores, 6.3) > 1.0 && misfit(&scores, 3.0) > 1.0);
    assert!(misfit(&[0, 3, 5, 5, 9].map(|score: i64| -score), 6.0) > 1.0);
    let mut favoured = counts.clone();
    favoured[0] += 2_000;
    assert!(choice_misfit(&favoured, 502_000, exponential_pmf(&scores, 6.0)) > 1.0);
}

/// Scores that move by one, up or down, move no probability by more than the factor e^(2/scale), and some by nearly that.
#[test]
fn the_ratio_of_choices_is_bounded() {
    let scores = [4, 0, 0, 0, 0, 0];
    let neighbour = [3, 1, 1, 1, 1, 1];
    let here = choices(&scores, "2", draws() / 4, 56);
    let there = choices(&neighbour, "2", draws() / 4, 57);
    let ratios: Vec<(f64, f64)> = here
        .iter()
        .zip(&there)
        .map(|(one, other)| (*one as f64, *other as f64))
        .map(|(one, other)| ((one / other).ln().abs(), 5.0 * (1.0 / one + 1.0 / other).sqrt()))
        .collect();
    assert!(ratios.iter().all(|(ratio, slack)| *ratio < 1.0 + slack), "{ratios:?}");
    assert!(ratios.iter().any(|(ratio, slack)| *ratio > 0.5 + slack), "half the charge would not do: {ratios:?}");
}

/// Numerator and denominator of a hundred bits: every acceptance is decided in unbounded integers. Fewer draws.
#[test]
fn gaussian_in_unbounded_integers() {
    let mut rng = ChaCha20Rng::seed_from_u64(25);
    let variance = parse_decimal("3.000000000000000000000000000001").unwrap();
    let sampler = DiscreteGaussian::new(variance).unwrap();
    let misfit = misfit(draws() / 20, || sampler.sample(&mut rng), gaussian_pmf(3.0));
    assert!(misfit < 1.0, "{misfit}");
}

/// The test can fail: the mistakes that samplers make are found with the draws of `cargo test`.
#[test]
fn wrong_samplers_are_found() {
    let mut rng = ChaCha20Rng::seed_from_u64(31);
    let sampler = DiscreteLaplace::new(parse_decimal("3").unwrap()).unwrap();
    let mut other = ChaCha20Rng::seed_from_u64(32);
    let double_zero = || match sampler.sample(&mut rng) {
        // A sign for zero that is not drawn again makes zero twice as likely; here a fiftieth of that.
        x if x.abs() == 1 && DiscreteLaplace::new(parse_decimal("1/4").unwrap()).unwrap().sample(&mut other) != 0 => 0,
        x => x,
    };
    assert!(misfit(500_000, double_zero, laplace_pmf(3.0)) > 1.0);

    let mut rng = ChaCha20Rng::seed_from_u64(33);
    let sampler = DiscreteLaplace::new(parse_decimal("3").unwrap()).unwrap();
    assert!(misfit(500_000, || sampler.sample(&mut rng), laplace_pmf(3.03)) > 1.0, "a scale that is off by 1 %");
    assert!(misfit(500_000, || sampler.sample(&mut rng) + 1, laplace_pmf(3.0)) > 1.0, "a shift");

    let mut rng = ChaCha20Rng::seed_from_u64(34);
    let gaussian = DiscreteGaussian::new(parse_decimal("20").unwrap()).unwrap();
    assert!(misfit(500_000, || gaussian.sample(&mut rng), laplace_pmf(20_f64.sqrt())) > 1.0, "another family");
    assert!(misfit(500_000, || gaussian.sample(&mut rng).clamp(-15, 15), gaussian_pmf(20.0)) > 1.0, "a cut tail");
}

/// Seen from the outside: no output is more than e^(1/scale) times as likely on one neighbour as on the other.
#[test]
fn the_ratio_of_neighbours_is_bounded() {
    let mut rng = ChaCha20Rng::seed_from_u64(41);
    let sampler = DiscreteLaplace::new(parse_decimal("2").unwrap()).unwrap();
    let counts = count(12, draws(), || sampler.sample(&mut rng));
    for pair in counts[..25].windows(2) {
        let (one, other) = (pair[0] as f64, pair[1] as f64);
        let five_deviations = 5.0 * (1.0 / one + 1.0 / other).sqrt();
        assert!((one / other).ln().abs() < 0.5 + five_deviations);
    }
}
