//! Noise intervals: how far a published number may lie from the exact one because of the noise.
//!
//! A noise interval says nothing of any other uncertainty: chance in who took part, errors in what was reported, or what
//! a project brought about. It follows from the mechanism alone, so it is public, the same for all cells of a table, and
//! known before anything is released.
//!
//! Floating point is in order here: nothing of this reaches the noise or the budget.

use utfall_privacy::{Mechanism, Rational};

use super::DeriveError;

/// The level of an interval: a decimal fraction between 0 and 1, kept exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    numerator: u32,
    denominator: u32,
}

impl Level {
    /// Reads a level such as `0.95`: zero, a point, and one to six digits that are not all zero.
    pub fn parse(text: &str) -> Result<Self, DeriveError> {
        let wrong = || DeriveError::Level(text.to_owned());
        let digits = text.strip_prefix("0.").ok_or_else(wrong)?;
        if !(1..=6).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let numerator = digits.parse().map_err(|_| wrong())?;
        let denominator = digits.bytes().fold(1, |power, _| power * 10);
        if numerator == 0 { Err(wrong()) } else { Ok(Self { numerator, denominator }) }
    }

    /// The level in percent.
    pub fn percent(self) -> f64 {
        f64::from(self.numerator) * 100.0 / f64::from(self.denominator)
    }

    /// Of a hundred numbers, how many are expected to lie outside their intervals at most.
    pub fn outside(self) -> f64 {
        100.0 * self.tail()
    }

    fn tail(self) -> f64 {
        f64::from(self.denominator - self.numerator) / f64::from(self.denominator)
    }
}

/// The margin of the noise interval: the smallest whole number `h` with P(|noise| <= h) >= `level`.
pub fn margin(mechanism: &Mechanism, level: &str) -> Result<i64, DeriveError> {
    let level = Level::parse(level)?;
    let parameter = parameter(mechanism);
    if !(parameter > 0.0 && parameter < 1e30) {
        return Err(DeriveError::Noise(parameter));
    }
    let h = match mechanism {
        Mechanism::DiscreteLaplace { .. } => laplace_margin(parameter, level.tail()),
        Mechanism::DiscreteGaussian { .. } => gaussian_margin(parameter, level.tail()),
    };
    // Whole numbers below 2^53 are exact.
    if h < 9e15 { Ok(h as i64) } else { Err(DeriveError::Noise(parameter)) }
}

/// The standard deviation of the noise.
pub fn standard_deviation(mechanism: &Mechanism) -> f64 {
    let parameter = parameter(mechanism);
    match mechanism {
        // The variance is 2q / (1 - q)^2 with q = exp(-1/scale), which is 1 / (2 sinh(1 / (2 scale))^2).
        Mechanism::DiscreteLaplace { .. } => ((0.5 / parameter).sinh() * std::f64::consts::SQRT_2).recip(),
        Mechanism::DiscreteGaussian { .. } if parameter >= SMOOTH => parameter.sqrt(),
        Mechanism::DiscreteGaussian { .. } => {
            let moment: f64 = weights(parameter).map(|(x, weight)| 2.0 * x * x * weight).sum();
            (moment / gaussian_total(parameter)).sqrt()
        }
    }
}

/// The discrete Laplace distribution gives `x` the probability (1 - q) / (1 + q) q^|x| with q = exp(-1/scale), `[CKS20]`.
/// Summing the geometric tails, P(|X| > h) = 2 q^(h+1) / (1 + q).
fn laplace_margin(scale: f64, tail: f64) -> f64 {
    let q = (-scale.recip()).exp();
    let beyond = |h: f64| 2.0 * (-(h + 1.0) / scale).exp() / (1.0 + q);
    let mut h = ((2.0 / (tail * (1.0 + q))).ln() * scale - 1.0).ceil().max(0.0);
    // The logarithm may round across a whole number.
    if h > 0.0 && beyond(h - 1.0) <= tail {
        h -= 1.0;
    }
    if beyond(h) > tail { h + 1.0 } else { h }
}

/// The discrete Gaussian gives `x` a probability in proportion to exp(-x^2 / (2 variance)), `[CKS20]`: add them up.
///
/// Wide noise is added up on a lattice of sigma / 10 000 and rounded up by one step of it.
fn gaussian_margin(variance: f64, tail: f64) -> f64 {
    const FINEST: f64 = 1e8;
    if variance > FINEST {
        let step = (variance / FINEST).sqrt();
        return ((gaussian_margin(FINEST, tail) + 1.0) * step).ceil();
    }
    let enough = (1.0 - tail) * gaussian_total(variance);
    let mut sum = 1.0;
    for (x, weight) in weights(variance) {
        if sum >= enough {
            return x - 1.0;
        }
        sum += 2.0 * weight;
    }
    (40.0 * variance.sqrt()).ceil()
}

/// From this variance on, sum and integral differ by less than exp(-2 pi^2 variance) of the whole (Poisson summation).
const SMOOTH: f64 = 10.0;

fn gaussian_total(variance: f64) -> f64 {
    if variance >= SMOOTH {
        (2.0 * std::f64::consts::PI * variance).sqrt()
    } else {
        1.0 + weights(variance).map(|(_, weight)| 2.0 * weight).sum::<f64>()
    }
}

/// The unnormalised weights of 1, 2, ... up to forty standard deviations.
fn weights(variance: f64) -> impl Iterator<Item = (f64, f64)> {
    let last = (40.0 * variance.sqrt()).ceil() as u64;
    (1..=last.max(1)).map(move |x| {
        let x = x as f64;
        (x, (-x * x / (2.0 * variance)).exp())
    })
}

/// The one parameter of a mechanism: a scale or a variance.
fn parameter(mechanism: &Mechanism) -> f64 {
    match mechanism {
        Mechanism::DiscreteLaplace { scale } => to_f64(scale),
        Mechanism::DiscreteGaussian { variance } => to_f64(variance),
    }
}

/// By way of decimal text, which Rust reads correctly rounded. Not a number where it is beyond what a float can hold.
fn to_f64(value: &Rational) -> f64 {
    let part = |integer: String| integer.parse::<f64>().unwrap_or(f64::NAN);
    part(value.numer().to_string()) / part(value.denom().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::derive::example::{gaussian, laplace};

    const LEVELS: [&str; 6] = ["0.5", "0.8", "0.9", "0.95", "0.99", "0.999"];

    /// Margin and standard deviation from the bare definition, the weights summed one by one.
    fn brute(weight: impl Fn(f64) -> f64, level: f64) -> (i64, f64) {
        let all: Vec<f64> = (0..20_000).map(|x| weight(f64::from(x)) * if x == 0 { 1.0 } else { 2.0 }).collect();
        let total: f64 = all.iter().rev().sum();
        let mut sum = 0.0;
        let margin = all.iter().position(|w| {
            sum += w;
            sum / total >= level
        });
        let moment: f64 = all.iter().enumerate().map(|(x, w)| (x * x) as f64 * w).sum();
        (margin.unwrap() as i64, (moment / total).sqrt())
    }

    #[test]
    fn laplace_against_brute_force() {
        for (numerator, denominator) in [(1, 10), (1, 1), (3, 2), (6, 1), (9, 1), (101, 7), (300, 1)] {
            let mechanism = laplace(numerator, denominator);
            let scale = numerator as f64 / denominator as f64;
            for level in LEVELS {
                let (h, sd) = brute(|x| (-x / scale).exp(), level.parse().unwrap());
                assert_eq!(margin(&mechanism, level).unwrap(), h, "scale {scale}, level {level}");
                assert!((standard_deviation(&mechanism) / sd - 1.0).abs() < 1e-9, "scale {scale}");
            }
        }
    }

    #[test]
    fn gaussian_against_brute_force() {
        for (numerator, denominator) in [(1, 20), (1, 2), (1, 1), (99, 10), (101, 10), (162, 1), (500_000, 3)] {
            let mechanism = gaussian(numerator, denominator);
            let variance = numerator as f64 / denominator as f64;
            for level in LEVELS {
                let (h, sd) = brute(|x| (-x * x / (2.0 * variance)).exp(), level.parse().unwrap());
                assert_eq!(margin(&mechanism, level).unwrap(), h, "variance {variance}, level {level}");
                assert!((standard_deviation(&mechanism) / sd - 1.0).abs() < 1e-9, "variance {variance}");
            }
        }
    }

    #[test]
    fn wide_noise_is_rounded_up_a_little() {
        let sigma = 4_531_000.0;
        let margin = margin(&gaussian(4_531_000 * 4_531_000, 1), "0.95").unwrap() as f64;
        assert!(margin >= 1.959_963 * sigma && margin < 1.9603 * sigma, "{margin}");
        assert!(super::margin(&laplace(i64::MAX, 1), "0.95").is_err());
        assert!(super::margin(&laplace(0, 1), "0.95").is_err());
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
}
