//! The distribution of a sum of independent noises, each times a factor: how far an estimate can be off.
//!
//! Not the normal rule of thumb: the noise of a table is discrete Laplace or discrete Gaussian, and an estimate is a sum of
//! few large terms and many small ones. The characteristic function of the sum is the product of those of the terms, and
//! P(|Z| <= h) = 2/pi integral of sin(h t)/t phi(t) dt (Gil-Pelaez 1951, for a symmetric distribution). The integral is a sum
//! on a grid so
//! fine that what it folds back lies thirty standard deviations away. A Gaussian of a hundredth of the standard
//! deviation is added to make it converge, and added to the margin.

use std::f64::consts::PI;

/// Noises with the same distribution and factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Term {
    /// Whose noise.
    pub unit: usize,
    /// By what it is multiplied; the sign does not matter.
    pub factor: f64,
    /// How many there are.
    pub count: f64,
}

/// The distribution of one noise, symmetric about zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Single {
    /// Discrete Laplace with this variance.
    Laplace(f64),
    /// Discrete Gaussian with this variance.
    Gaussian(f64),
}

impl Single {
    /// Its variance.
    pub fn variance(self) -> f64 {
        match self {
            Self::Laplace(variance) | Self::Gaussian(variance) => variance,
        }
    }

    /// The logarithm of the characteristic function.
    ///
    /// Discrete Laplace: (1-q)^2 / (1 - 2 q cos t + q^2) = 1 / (1 + variance (1 - cos t)). Discrete Gaussian: that of the normal
    /// distribution, folded at whole turns (Poisson summation; the other turns matter below a variance of one only, where they
    /// make
    /// the distribution wider than it is).
    fn logarithm(self, t: f64) -> f64 {
        match self {
            // 1 - cos t = 2 sin(t/2)^2, which keeps its digits where t is small and the noise wide.
            Self::Laplace(variance) => -(2.0 * variance * (t / 2.0).sin().powi(2)).ln_1p(),
            Self::Gaussian(variance) => {
                let turn = t - (t / (2.0 * PI)).round() * 2.0 * PI;
                -variance * turn * turn / 2.0
            }
        }
    }
}

/// The distribution of a sum.
#[derive(Debug, Clone)]
pub struct Distribution {
    deviation: f64,
    /// The step of the grid.
    step: f64,
    /// Values of 2/pi phi(t)/t, times the step, at the odd multiples of half a step.
    weights: Vec<f64>,
}

/// The width of the smoothing, in standard deviations.
const SMOOTH: f64 = 0.01;
/// Half the distance at which the distribution repeats, in standard deviations.
const REACH: f64 = 30.0;
/// Terms with less than this part of the variance each are taken together as a normal distribution.
const SMALL: f64 = 1e-4;

impl Distribution {
    /// The distribution of the sum of these terms; `single` gives the distribution of each unit's noise.
    pub fn new(terms: &[Term], single: impl Fn(usize) -> Single) -> Self {
        let variance = |term: &Term| term.factor * term.factor * single(term.unit).variance();
        let total: f64 = terms.iter().map(|term| term.count * variance(term)).sum();
        let deviation = total.sqrt();
        let (large, small): (Vec<&Term>, Vec<&Term>) = terms.iter().partition(|term| variance(term) > SMALL * total);
        let normal: f64 = small.iter().map(|term| term.count * variance(term)).sum::<f64>() + (SMOOTH * deviation).powi(2);
        let step = PI / (REACH * deviation);
        let mut weights = Vec::new();
        for index in 0..200_000 {
            let t = (f64::from(index) + 0.5) * step;
            let terms = large.iter().map(|term| term.count * single(term.unit).logarithm(term.factor * t));
            let phi = (terms.sum::<f64>() - normal * t * t / 2.0).exp();
            weights.push(2.0 / PI * phi / t * step);
            // What is left is less than the smoothing alone.
            if phi < 1e-12 || (-normal * t * t / 2.0).exp() < 1e-9 {
                break;
            }
        }
        Self { deviation, step, weights }
    }

    /// The standard deviation.
    #[cfg(test)]
    pub fn deviation(&self) -> f64 {
        self.deviation
    }

    /// P(|Z| <= h).
    pub fn within(&self, h: f64) -> f64 {
        // Sines at even steps follow from the two before: sin(x + 2a) = 2 cos(a) sin(x + a) - sin(x).
        let turn = h * self.step;
        let (twice, mut before, mut now) = (2.0 * turn.cos(), (-turn / 2.0).sin(), (turn / 2.0).sin());
        let mut sum = 0.0;
        for weight in &self.weights {
            sum += now * weight;
            (before, now) = (now, twice * now - before);
        }
        sum
    }

    /// The least h with P(|Z| <= h) = 1 - `tail`, and a little more.
    pub fn margin(&self, tail: f64) -> f64 {
        let (mut low, mut high) = (0.0, REACH / 2.0 * self.deviation);
        if self.deviation <= 0.0 {
            return 0.0;
        }
        // Bisection to a ten-thousandth of the deviation.
        while high - low > 1e-4 * self.deviation {
            let middle = f64::midpoint(low, high);
            if self.within(middle) < 1.0 - tail { low = middle } else { high = middle }
        }
        high + SMOOTH * self.deviation
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A factor, how many noises have it, and the weight that their distribution gives each whole number.
    type Exact<'a> = (f64, usize, &'a dyn Fn(f64) -> f64);

    /// The margin of a sum of discrete noises by convolution on a grid of halves.
    fn exact(terms: &[Exact<'_>], tail: f64) -> f64 {
        let mut distribution = std::collections::BTreeMap::from([(0_i64, 1.0)]);
        for (factor, count, weight) in terms {
            let single: Vec<f64> = (-200..=200).map(|x| weight(f64::from(x))).collect();
            let total: f64 = single.iter().sum();
            for _ in 0..*count {
                let mut next = std::collections::BTreeMap::new();
                for (at, mass) in &distribution {
                    for (x, weight) in (-200_i32..=200).zip(&single) {
                        *next.entry(at + (2.0 * factor * f64::from(x)).round() as i64).or_insert(0.0) += mass * weight / total;
                    }
                }
                distribution = next.into_iter().filter(|(_, mass)| *mass > 1e-14).collect();
            }
        }
        let mut by_size: Vec<(i64, f64)> = distribution.into_iter().map(|(at, mass)| (at.abs(), mass)).collect();
        by_size.sort_by_key(|(at, _)| *at);
        let mut sum = 0.0;
        by_size
            .iter()
            .find(|(_, mass)| {
                sum += mass;
                sum >= 1.0 - tail
            })
            .map_or(0.0, |(at, _)| *at as f64 / 2.0)
    }

    #[test]
    fn wide_noise_is_as_wide_as_it_is() {
        for scale in [1e3, 1e6, 1e9, 1e12_f64] {
            let distribution =
                Distribution::new(&[Term { unit: 0, factor: 1.0, count: 1.0 }], |_| Single::Laplace(2.0 * scale * scale));
            let exact = scale * 20.0_f64.ln();
            assert!((distribution.margin(0.05) / exact - 1.0).abs() < 0.01, "{scale}: {}", distribution.margin(0.05));
        }
    }

    #[test]
    fn margins_are_those_of_the_convolution() {
        let laplace = |scale: f64| {
            let q = (-1.0 / scale).exp();
            Single::Laplace(2.0 * q / (1.0 - q).powi(2))
        };
        for tail in [0.05, 0.01, 0.2] {
            let terms = [Term { unit: 0, factor: 1.0, count: 2.0 }, Term { unit: 1, factor: 0.5, count: 3.0 }];
            let found = Distribution::new(&terms, |unit| if unit == 0 { laplace(3.0) } else { laplace(9.0) }).margin(tail);
            let expected = exact(&[(1.0, 2, &|x| (-x.abs() / 3.0).exp()), (0.5, 3, &|x| (-x.abs() / 9.0).exp())], tail);
            assert!((found - expected).abs() <= 0.5 + 0.02 * expected, "{tail}: {found} {expected}");
            let mixed =
                Distribution::new(&terms, |unit| if unit == 0 { laplace(3.0) } else { Single::Gaussian(16.0) }).margin(tail);
            let expected = exact(&[(1.0, 2, &|x| (-x.abs() / 3.0).exp()), (0.5, 3, &|x| (-x * x / 32.0).exp())], tail);
            assert!((mixed - expected).abs() <= 0.5 + 0.02 * expected, "{tail}: {mixed} {expected}");
        }
        let one = Distribution::new(&[Term { unit: 0, factor: 2.0, count: 1.0 }], |_| Single::Gaussian(400.0));
        assert!((one.margin(0.05) - 1.96 * 40.0).abs() < 0.02 * 78.4 && (one.deviation() - 40.0).abs() < 1e-9);
        assert!((one.within(40.0) - 0.6827).abs() < 1e-3);
    }
}
