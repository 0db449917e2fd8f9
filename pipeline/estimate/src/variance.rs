//! The interval of a variance: which variances agree with a noisy count, a noisy sum and a noisy sum of squares.
//!
//! With the sum of squared distances from the mean D = Q - S^2 / n, the variance v is D / n, and D / (n - 1) of a sample. Of noisy
//! numbers, D - v n (D - v (n - 1)) is, for the true v and mean m, exactly
//!
//! `Z_Q - 2 m Z_S + (m^2 - v) Z_n - e^2 / n`, with e = Z_S - m Z_n and the noisy n,
//!
//! whose first three terms are a combination of all noises; the first derivative by m is zero, so that the noisy mean may stand for
//! the true one (Neyman 1959). The last one has the mean -var(e) / n, which is taken out, and adds var(e^2) / n^2 to the variance.
//! The interval holds every v for which the rest is within its margin: Fieller's (1954), with a nuisance parameter.

use crate::combination::Combination;
use crate::distribution::Error;
use crate::interval::Interval;

/// What is needed for the intervals of variances, made once for all cells of the same noises.
#[derive(Debug, Clone)]
pub struct Variances {
    /// Of squares, sum and count.
    margins: Combination,
    /// The fourth cumulants of sum and count.
    cumulants: [f64; 2],
}

/// What a variance is computed from.
#[derive(Debug, Clone, Copy)]
pub struct Moments {
    /// The count.
    pub n: f64,
    /// The sum.
    pub sum: f64,
    /// The sum of squares.
    pub squares: f64,
    /// 1 for the variance of a sample, else 0.
    pub less: f64,
}

impl Variances {
    /// Of numbers with these noises.
    pub fn new(count: &Error, sum: &Error, squares: &Error, tail: f64) -> Option<Self> {
        let margins = Combination::three(squares, sum, count, tail)?;
        Some(Self { margins, cumulants: [sum.fourth_cumulant(), count.fourth_cumulant()] })
    }

    /// The variances that agree with a count, a sum and a sum of squares of distances that lie within `range`. The exact count is no
    /// less than `least`, which is above zero and, of a sample, above one.
    ///
    /// None is above ((high - low) / 2)^2 (Popoviciu 1935), times `least / (least - 1)` of a sample. Where none agrees, the distances are
    /// taken for the nearest that are possible: their error becomes less.
    pub fn interval(&self, Moments { n, sum, squares, less }: Moments, range: Interval, least: f64) -> Interval {
        let most = ((range.high - range.low) / 2.0).powi(2) * least / (least - less);
        let mean = (sum / n).clamp(range.low, range.high);
        let [_, of_sum, of_count] = self.margins.deviations();
        let variance = of_sum.powi(2) + (mean * of_count).powi(2);
        let fourth = self.cumulants[0] + mean.powi(4) * self.cumulants[1];
        let distances = squares - sum * sum / n + variance / n;
        let bent = (2.0 * variance * variance + fourth) / (n * n);
        let margin = |v: f64| {
            let factors = [1.0, 2.0 * mean, mean * mean - v];
            let straight: f64 = factors.iter().zip(self.margins.deviations()).map(|(f, d)| (f * d).powi(2)).sum();
            self.margins.margin(factors) * if straight > 0.0 { (1.0 + bent / straight).sqrt() } else { 1.0 }
        };
        let range = Interval { low: 0.0, high: most };
        let best = (distances / (n - less)).clamp(0.0, most);
        let far = |distances: f64, v: f64| (distances - v * (n - less)).abs();
        let hair = 1e-9 * (1.0 + distances.abs());
        let distances = if far(distances, best) <= margin(best) + hair { distances } else { best * (n - less) };
        range.agreeing(best, |v| far(distances, v) <= margin(v) + hair)
    }
}
