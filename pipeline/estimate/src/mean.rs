//! The interval of a mean: which means agree with a noisy count and a noisy sum.
//!
//! For the true mean m, S - m n is noise alone (of the sum, and -m times that of the count), whose distribution is known for every
//! m: the interval holds every m for which it is within its margin (Fieller 1954, with the distribution of these noises in place of the
//! normal one). Where the interval of the count reaches zero, the means that agree have no end, so there is no interval.

use crate::combination::Combination;
use crate::interval::Interval;
use crate::tail::{normal_margin, student_margin};

/// How far chance in who took part moves a mean: the people of a cell are taken for a few of many.
#[derive(Debug, Clone, Copy)]
pub struct Chance {
    range: Interval,
    /// The square of the margin by the variance of the cell, and that of the normal distribution.
    own: f64,
    normal: f64,
}

impl Chance {
    /// Of fewer people the variance, with its noise, says too little of the variance among many.
    const FEWEST: f64 = 15.0;

    /// Of `n` people with values within `range` and this variance, as that of a sample; none of too few.
    pub fn new(n: f64, variance: f64, range: Interval, tail: f64) -> Option<Self> {
        if !(n >= Self::FEWEST && variance < f64::INFINITY) {
            return None;
        }
        let own = n * student_margin(n - 1.0, tail).powi(2) * variance.max(0.0);
        Some(Self { range, own, normal: n * normal_margin(tail).powi(2) })
    }

    /// The square of the margin of S - m n for n people of many whose mean is m: n times their variance, which is that of the cell with
    /// the quantile of Student (1908), but at most (high - m) (m - low), as values with the mean m have it (Bhatia and Davis 2000).
    pub fn square(&self, mean: f64) -> f64 {
        self.own.min(self.normal * ((self.range.high - mean) * (mean - self.range.low)).max(0.0))
    }
}

/// The means within `range` that agree with a count `n`, which is above its margin, and a sum; the sum and the count are the first
/// and the last number of the combination.
///
/// `chance` gives the square of the margin by which chance in who took part moves S - m n, for each m; zero leaves it out. Two
/// margins of what has nothing to do with each other add up as their squares.
///
/// Where none within the range agrees, the sum is taken for the nearest that is possible: its error becomes less.
pub fn interval(n: f64, sum: f64, range: Interval, margins: &Combination, chance: impl Fn(f64) -> f64) -> Interval {
    let best = (sum / n).clamp(range.low, range.high);
    let far = |sum: f64, mean: f64| (sum - mean * n).abs();
    let most = |mean: f64| (margins.margin([1.0, 0.0, mean]).powi(2) + chance(mean)).sqrt() + 1e-9 * (1.0 + sum.abs());
    let sum = if far(sum, best) <= most(best) { sum } else { best * n };
    range.agreeing(best, |mean| far(sum, mean) <= most(mean))
}
