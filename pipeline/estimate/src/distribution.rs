//! The distribution of a sum of independent noises, each times a factor: how far an estimate can be off.
//!
//! Not the normal rule of thumb: the noise of a table is discrete Laplace or discrete Gaussian, and an estimate is a sum of
//! few large terms and many small ones. The characteristic function of the sum is the product of those of the terms, and
//! P(|Z| <= h) = 2/pi integral of sin(h t)/t phi(t) dt (Gil-Pelaez 1951, for a symmetric distribution). The integral is a sum
//! on a grid so
//! fine that what it folds back lies thirty standard deviations away. A Gaussian of a hundredth of the standard
//! deviation is added to make it converge, and added to the margin.
//!
//! A sum of whole noises is whole, and P(|Z| <= k) = 1/2pi integral of sin((k + 1/2) t)/sin(t/2) phi(t) dt over one turn, the sum of
//! the inverse transform over -k, ..., k: nothing is smoothed, and the margin is the least whole number.

use std::cell::RefCell;
use std::f64::consts::PI;

use crate::tail::{gaussian_deviation, gaussian_margin, laplace_margin, normal_margin};

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

/// The noises in a number, each with its factor: how far it can be off.
#[derive(Debug, Clone, PartialEq)]
pub struct Error {
    /// The noises; `unit` is a place in `singles`.
    pub terms: Vec<Term>,
    /// Their distributions.
    pub singles: Vec<Single>,
}

impl Error {
    /// Of a number with one noise of its own.
    pub fn of(single: Single) -> Self {
        Self { terms: vec![Term { unit: 0, factor: 1.0, count: 1.0 }], singles: vec![single] }
    }

    /// The variance.
    pub fn variance(&self) -> f64 {
        self.each().map(|(term, single)| term.count * term.factor.powi(2) * single.variance()).sum()
    }

    /// The fourth cumulant: what the fourth moment has beyond that of a normal distribution of the same variance.
    pub fn fourth_cumulant(&self) -> f64 {
        self.each().map(|(term, single)| term.count * term.factor.powi(4) * single.fourth_cumulant()).sum()
    }

    /// The least margin that it exceeds with a probability of at most `tail`; whole if it is whole.
    pub fn margin(&self, tail: f64) -> f64 {
        whole_margin(&self.terms, |unit| self.single(unit), tail)
    }

    /// The error of a sum of numbers, each times its factor, whose noises have nothing to do with each other.
    pub fn sum(parts: &[(f64, &Self)]) -> Self {
        let (mut terms, mut singles) = (Vec::new(), Vec::new());
        for (factor, part) in parts {
            let before = singles.len();
            let moved = |term: &Term| Term { unit: before + term.unit, factor: (factor * term.factor).abs(), ..*term };
            terms.extend(part.terms.iter().map(moved).filter(|term| term.factor > 0.0));
            singles.extend_from_slice(&part.singles);
        }
        Self { terms, singles }
    }

    /// The probability that it is no larger than `x`. Noises are whole, so a sum of them with factors jumps at values that are a
    /// multiple of `step` apart; `x` should lie midway between two.
    pub fn up_to(&self, x: f64, step: f64) -> f64 {
        // Asked of one number is its probability on both sides of a target, again and again.
        thread_local!(static LAST: RefCell<Option<(Error, f64, Distribution)>> = const { RefCell::new(None) });
        LAST.with_borrow_mut(|last| match last {
            Some((error, of, known)) if error == self && *of == step => known.up_to(x),
            _ => {
                let distribution = Distribution::summed(&self.terms, |unit| self.single(unit), Some(step));
                last.insert((self.clone(), step, distribution)).2.up_to(x)
            }
        })
    }

    /// Its distribution.
    pub fn distribution(&self) -> Distribution {
        Distribution::new(&self.terms, |unit| self.single(unit))
    }

    fn single(&self, unit: usize) -> Single {
        self.singles.get(unit).copied().unwrap_or(Single::Gaussian(1.0))
    }

    fn each(&self) -> impl Iterator<Item = (&Term, Single)> {
        self.terms.iter().map(|term| (term, self.single(term.unit)))
    }
}

/// The distribution of one noise, symmetric about zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Single {
    /// Discrete Laplace with this variance.
    Laplace(f64),
    /// Discrete Gaussian with this parameter sigma^2, which is its variance unless that is small.
    Gaussian(f64),
}

impl Single {
    /// Its variance.
    pub fn variance(self) -> f64 {
        match self {
            Self::Laplace(variance) => variance,
            Self::Gaussian(parameter) => gaussian_deviation(parameter).powi(2),
        }
    }

    /// The fourth cumulant. Of the difference of two geometric variables, as the discrete Laplace is one, it is 3 variance^2 +
    /// variance; a discrete Gaussian has next to none, but where it is so narrow that it is hardly ever more than one.
    fn fourth_cumulant(self) -> f64 {
        let variance = self.variance();
        match self {
            Self::Laplace(_) => 3.0 * variance * variance + variance,
            Self::Gaussian(_) => (variance - 3.0 * variance * variance).max(0.0),
        }
    }

    /// The least whole number that it exceeds with a probability of at most `tail`.
    fn margin(self, tail: f64) -> f64 {
        match self {
            // The variance is 1 / (2 sinh(1 / (2 scale))^2).
            Self::Laplace(variance) => laplace_margin(0.5 / (2.0 * variance).sqrt().recip().asinh(), tail),
            Self::Gaussian(parameter) => gaussian_margin(parameter, tail),
        }
    }

    /// The logarithm of the characteristic function.
    ///
    /// Discrete Laplace: (1-q)^2 / (1 - 2 q cos t + q^2) = 1 / (1 + variance (1 - cos t)). Discrete Gaussian: that of the normal
    /// distribution, folded at whole turns (Poisson summation); where it is so narrow that other turns matter, the sum of its few
    /// weights.
    fn logarithm(self, t: f64) -> f64 {
        match self {
            // 1 - cos t = 2 sin(t/2)^2, which keeps its digits where t is small and the noise wide.
            Self::Laplace(variance) => -(2.0 * variance * (t / 2.0).sin().powi(2)).ln_1p(),
            Self::Gaussian(parameter) if parameter < NARROW => {
                let weights = || (1..=12).map(f64::from).map(|x| (x, 2.0 * (-x * x / (2.0 * parameter)).exp()));
                let turned: f64 = weights().map(|(x, weight)| weight * (x * t).cos()).sum();
                let total: f64 = weights().map(|(_, weight)| weight).sum();
                ((1.0 + turned) / (1.0 + total)).max(f64::MIN_POSITIVE).ln()
            }
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
    /// Values of 2/pi phi(t)/t, times the step, at the odd multiples of half a step; of whole sums, with 2 sin(t/2) in place of t.
    weights: Vec<f64>,
}

/// The width of the smoothing, in standard deviations.
const SMOOTH: f64 = 0.01;
/// Half the distance at which the distribution repeats, in standard deviations.
const REACH: f64 = 30.0;
/// Terms with less than this part of the variance each are taken together as a normal distribution.
const SMALL: f64 = 1e-4;
/// Of a Gaussian with a smaller parameter the weights are added up: twelve of them are all.
const NARROW: f64 = 2.0;
/// Terms with less than this part of the variance together are a rounding error of whoever computed the factors.
const NOTHING: f64 = 1e-12;
/// So often the margin is looked for before the bisection.
const LOOKS: usize = 8;
/// A whole sum with a larger standard deviation is as good as one that is not whole.
const WIDE: f64 = 300.0;

/// How far the estimate of a whole number can be off: the least margin, and a little more where the error is not whole, that the
/// sum of these terms exceeds with a probability of at most `tail`.
///
/// A number that is nothing but measured, or a sum of such numbers, has a whole margin: the same wherever it is stated.
pub fn whole_margin(terms: &[Term], single: impl Fn(usize) -> Single, tail: f64) -> f64 {
    let variance = |term: &Term| term.count * term.factor * term.factor * single(term.unit).variance();
    let total: f64 = terms.iter().map(variance).sum();
    let terms: Vec<Term> = terms.iter().filter(|term| variance(term) > NOTHING * total).copied().collect();
    let is_whole = terms.iter().all(|term| (term.factor.abs() - 1.0).abs() < 1e-9);
    match terms.as_slice() {
        [only] if is_whole && (only.count - 1.0).abs() < 1e-9 => single(only.unit).margin(tail),
        _ if is_whole && total.sqrt() < WIDE => Distribution::whole(&terms, total.sqrt(), single).least(tail),
        _ if is_whole => Distribution::new(&terms, single).margin(tail).floor(),
        _ => Distribution::new(&terms, single).margin(tail),
    }
}

impl Distribution {
    /// The distribution of the sum of these terms; `single` gives the distribution of each unit's noise.
    pub fn new(terms: &[Term], single: impl Fn(usize) -> Single) -> Self {
        Self::summed(terms, single, None)
    }

    /// The same; where the sum jumps, at values so far apart, the jumps are not smoothed away: the characteristic function comes back,
    /// all but a little, where the largest factor has gone round a turn.
    fn summed(terms: &[Term], single: impl Fn(usize) -> Single, jumps: Option<f64>) -> Self {
        let variance = |term: &Term| term.factor * term.factor * single(term.unit).variance();
        let total: f64 = terms.iter().map(|term| term.count * variance(term)).sum();
        let deviation = total.sqrt();
        let smooth = jumps.map_or(SMOOTH, |step| (step / 4.0 / deviation).clamp(SMOOTH / 10.0, SMOOTH));
        let (large, small): (Vec<&Term>, Vec<&Term>) = terms.iter().partition(|term| variance(term) > SMALL * total);
        let normal: f64 = small.iter().map(|term| term.count * variance(term)).sum::<f64>() + (smooth * deviation).powi(2);
        let step = PI / (REACH * deviation);
        let mut weights = Vec::new();
        for index in 0..200_000 {
            let t = (f64::from(index) + 0.5) * step;
            let terms = large.iter().map(|term| term.count * single(term.unit).logarithm(term.factor * t));
            let phi = (terms.sum::<f64>() - normal * t * t / 2.0).exp();
            weights.push(2.0 / PI * phi / t * step);
            // What is left is less than the smoothing alone.
            if (phi < 1e-12 && jumps.is_none()) || (-normal * t * t / 2.0).exp() < 1e-9 {
                break;
            }
        }
        Self { deviation, step, weights }
    }

    /// The distribution of a sum of whole noises with this standard deviation, each as often as it is counted.
    fn whole(terms: &[Term], deviation: f64, single: impl Fn(usize) -> Single) -> Self {
        // What it folds back lies further than that.
        let points = 2.0 * (REACH * deviation).ceil() + 64.0;
        let step = 2.0 * PI / points;
        let weight = |index: u32| {
            let t = (f64::from(index) + 0.5) * step;
            let phi = terms.iter().map(|term| term.count * single(term.unit).logarithm(t)).sum::<f64>().exp();
            2.0 * phi / (points * (t / 2.0).sin())
        };
        Self { deviation, step, weights: (0..(points / 2.0) as u32).map(weight).collect() }
    }

    /// The least whole number that a whole sum exceeds with a probability of at most `tail`.
    fn least(&self, tail: f64) -> f64 {
        let enough = |h: f64| self.within(h + 0.5) >= 1.0 - tail - 1e-9;
        let (mut low, mut high) = (-1.0, (REACH / 2.0 * self.deviation).ceil() + 1.0);
        while high - low > 1.0 {
            let middle = f64::midpoint(low, high).floor();
            if enough(middle) { high = middle } else { low = middle }
        }
        high
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

    /// P(Z <= x): half of it lies on either side of zero.
    fn up_to(&self, x: f64) -> f64 {
        // Further out the grid folds back what lies there; nothing does.
        let within = if x.abs() < REACH / 2.0 * self.deviation { self.within(x.abs()) } else { 1.0 };
        (0.5 + x.signum() * within / 2.0).clamp(0.0, 1.0)
    }

    /// The least h with P(|Z| <= h) = 1 - `tail`, and a little more.
    pub fn margin(&self, tail: f64) -> f64 {
        let (mut low, mut high) = (0.0, REACH / 2.0 * self.deviation);
        if self.deviation <= 0.0 {
            return 0.0;
        }
        // Bisection to a ten-thousandth of the deviation; most of its points lie beyond what is known to be too little or enough.
        let [below, above] = self.around(tail);
        while high - low > 1e-4 * self.deviation {
            let middle = f64::midpoint(low, high);
            let is_below = middle <= below || (middle < above && self.within(middle) < 1.0 - tail);
            if is_below { low = middle } else { high = middle }
        }
        high + SMOOTH * self.deviation
    }

    /// Two points not far apart between which the margin lies, found by few looks: the first is too little, the second is enough. By
    /// false position on the logarithm of what is left, which is nearly a straight line far out (Dowell and Jarratt 1971).
    fn around(&self, tail: f64) -> [f64; 2] {
        let left = |h: f64| (1.0 - self.within(h)).max(f64::MIN_POSITIVE).ln() - tail.ln();
        let (mut low, mut high) = (0.0, REACH / 2.0 * self.deviation);
        let (mut at_low, mut at_high, mut last) = (-tail.ln(), f64::NAN, 0_i8);
        let mut next = normal_margin(tail) * self.deviation;
        for _ in 0..LOOKS {
            let at = left(next);
            if at > 0.0 {
                (low, at_low) = (next, at);
                at_high /= if last > 0 { 2.0 } else { 1.0 };
                last = 1;
            } else {
                (high, at_high) = (next, at);
                at_low /= if last < 0 { 2.0 } else { 1.0 };
                last = -1;
            }
            // As long as nothing is known to be enough, half as far again.
            next = if at_high.is_nan() { 1.5 * low } else { low + (high - low) * at_low / (at_low - at_high) };
            if high - low < 2e-4 * self.deviation || !(low..high).contains(&next) {
                break;
            }
        }
        [low, high]
    }
}

#[cfg(test)]
mod tests;
