use rand::SeedableRng as _;
use rand::rngs::ChaCha20Rng;
use rand_distr::Distribution as _;
use utfall_privacy::rational::parse_decimal;
use utfall_privacy::{DiscreteGaussian, DiscreteLaplace};

use super::*;

const SIZES: [i64; 9] = [10, 20, 40, 51, 100, 300, 700, 1_500, 3_000];
const RATES: [f64; 9] = [0.02, 0.05, 0.1, 0.3, 0.5, 0.63, 0.8, 0.95, 0.98];

/// Noise as the core draws it, with its distribution.
fn draws(text: &str, count: usize) -> (Single, Vec<f64>) {
    let (kind, parameter) = text.split_once(' ').unwrap();
    let mut rng = ChaCha20Rng::seed_from_u64(11);
    let parameter = parse_decimal(parameter).unwrap();
    let size: f64 = parameter.to_string().parse().unwrap();
    let (single, all): (Single, Vec<i64>) = if kind == "laplace" {
        let q = (-size.recip()).exp();
        let sampler = DiscreteLaplace::new(parameter).unwrap();
        (Single::Laplace(2.0 * q / (1.0 - q).powi(2)), sampler.sample_iter(&mut rng).take(count).collect())
    } else {
        let sampler = DiscreteGaussian::new(parameter).unwrap();
        (Single::Gaussian(size), sampler.sample_iter(&mut rng).take(count).collect())
    };
    (single, all.into_iter().map(|x| x as f64).collect())
}

/// The share of draws in which what the interval is made of holds the true share, for the whole grid of sizes and rates.
#[test]
fn ninety_five_percent_of_the_intervals_hold_the_share() {
    for (noise, most) in
        [("laplace 1", 0.98), ("laplace 3", 0.965), ("laplace 12", 0.96), ("gaussian 4", 0.98), ("gaussian 100", 0.96)]
    {
        let (single, noises) = draws(noise, 60_000);
        let margins = Margins::alone(single, 0.05);
        for n in SIZES {
            for rate in RATES {
                let u = (n as f64 * rate).round();
                let share = u / n as f64;
                let holds = noises.chunks(2).filter(|pair| {
                    let (u, n) = (u + pair[0], n as f64 + pair[0] + pair[1]);
                    (u - share * n).abs() <= margins.at(share)
                });
                let coverage = holds.count() as f64 / 30_000.0;
                assert!((0.94..=most).contains(&coverage), "{noise}, {n} people, share {share}: {coverage}");
            }
        }
    }
}

#[test]
fn the_interval_is_what_it_is_made_of() {
    let (single, noises) = draws("laplace 3", 2_000);
    let margins = Margins::alone(single, 0.05);
    for n in SIZES {
        for rate in RATES {
            let u = (n as f64 * rate).round();
            let share = u / n as f64;
            for pair in noises.chunks(2).take(60) {
                let (noisy_u, noisy_v) = (u + pair[0], n as f64 - u + pair[1]);
                let Some(Interval { low, high }) = margins.interval(noisy_u, noisy_v, 0.0) else {
                    assert!(noisy_u + noisy_v <= 15.0, "{noisy_u} {noisy_v}");
                    continue;
                };
                let holds = (noisy_u - share * (noisy_u + noisy_v)).abs() <= margins.at(share);
                assert!(!holds || (low - 1e-6..=high + 1e-6).contains(&share), "{n} {share}: {low} {high}");
                let wider = margins.interval(noisy_u, noisy_v, 1.96 * 1.96).unwrap();
                assert!(wider.low <= low + 1e-9 && wider.high >= high - 1e-9);
            }
        }
    }
    for (u, v) in [(0.0, 0.0), (-30.0, -30.0), (9.0, 3.0), (-40.0, 47.0), (f64::NAN, 90.0)] {
        assert_eq!(margins.interval(u, v, 0.0), None, "{u} {v}: perhaps nobody");
    }
    // Less than none of forty: no share agrees, and the nearest is none. It keeps a width.
    let Interval { low, high } = margins.interval(-30.0, 70.0, 0.0).unwrap();
    assert!(low == 0.0 && high > 0.15 && high < 0.3, "{high}");
    let Interval { low, high } = margins.interval(32_000.0, 19_000.0, 0.0).unwrap();
    assert!(low < 32.0 / 51.0 && high > 32.0 / 51.0 && high - low < 0.001);
}

/// Thirty-two of fifty-one, with the whole of epsilon 1 on one table of people who take part once.
#[test]
fn thirty_two_of_fifty_one() {
    let (single, _) = draws("laplace 1", 2);
    let Interval { low, high } = Margins::alone(single, 0.05).interval(32.0, 19.0, 0.0).unwrap();
    assert!(low > 32.0 / 51.0 - 0.08 && high < 32.0 / 51.0 + 0.08, "{low} {high}");
}

#[test]
fn means_over_people_who_take_part_by_chance_are_covered_too() {
    let (single, noises) = draws("laplace 3", 40_000);
    let margins = Margins::alone(single, 0.05);
    let mut rng = ChaCha20Rng::seed_from_u64(5);
    for (n, rate) in [(60, 0.5), (300, 0.3), (1_000, 0.9)] {
        let bernoulli = rand_distr::Bernoulli::new(rate).unwrap();
        let mut holds = 0;
        for pair in noises.chunks(2).take(4_000) {
            let u = (0..n).filter(|_| bernoulli.sample(&mut rng)).count() as f64;
            let Interval { low, high } = margins.interval(u + pair[0], f64::from(n) - u + pair[1], 1.96 * 1.96).unwrap();
            holds += usize::from((low..=high).contains(&rate));
        }
        let coverage = holds as f64 / 4_000.0;
        assert!((0.935..0.97).contains(&coverage), "{n} {rate}: {coverage}");
    }
}
