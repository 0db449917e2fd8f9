//! The interval of a share: which shares agree with two noisy numbers.
//!
//! Of two numbers u and v, distances from the lower and the upper end, the share is R = u / (u + v); of zeros and ones it is
//! the share of ones, and a mean is low + (high - low) R. For the true R, u - R (u + v) is noise alone, whose distribution is
//! known for
//! every R: the interval holds every R for which that is within its margin (Fieller 1954, with the distribution of this noise in
//! place of the normal one). It covers R with the probability of the level, however few people there are.

use crate::distribution::{Distribution, Single, Term};
use crate::interval::Interval;

/// The margin of u - R (u + v), for R at even steps from 0 to 1.
#[derive(Debug, Clone)]
pub struct Margins(Vec<f64>);

/// Margins are computed at so many steps, and read off a straight line in between.
const STEPS: usize = 20;
/// An interval is looked for at so many shares, and its ends then found between them.
const TRIES: usize = 200;

impl Margins {
    /// Of two numbers with noise of their own.
    pub fn alone(single: Single, tail: f64) -> Self {
        let distribution = |share: f64| {
            let terms = [1.0 - share, share].map(|factor| Term { unit: 0, factor, count: 1.0 });
            Distribution::new(&terms, |_| single).margin(tail)
        };
        // Both numbers have the same distribution, so the margin of a share is that of its complement.
        let half: Vec<f64> = (0..=STEPS / 2).map(|step| distribution(step as f64 / STEPS as f64)).collect();
        Self((0..=STEPS).filter_map(|step| half.get(step.min(STEPS - step)).copied()).collect())
    }

    /// From the margin at each share, if it is known.
    pub fn by(margin: impl Fn(f64) -> Option<f64>) -> Option<Self> {
        (0..=STEPS).map(|step| margin(step as f64 / STEPS as f64)).collect::<Option<_>>().map(Self)
    }

    fn at(&self, share: f64) -> f64 {
        let place = share * STEPS as f64;
        let before = (place.floor() as usize).min(STEPS - 1);
        let [a, b] = [before, before + 1].map(|step| self.0.get(step).copied().unwrap_or_default());
        a + (b - a) * (place - before as f64)
    }

    /// The shares that agree with u and v; all of them if none does, or if there seems to be nobody.
    ///
    /// `chance` is the square of the normal quantile with which chance in who took part is counted, its variance being
    /// n R (1 - R); 0 leaves it out.
    pub fn interval(&self, u: f64, v: f64, chance: f64) -> Interval {
        let n = u + v;
        let agrees = |share: f64| {
            let sampled = chance * n.max(1.0) * share * (1.0 - share);
            (u - share * n).abs() <= (self.at(share).powi(2) + sampled).sqrt() + 1e-9 * (1.0 + n.abs())
        };
        let best = if n > 0.0 { (u / n).clamp(0.0, 1.0) } else { 0.5 };
        let mut tried: Vec<f64> = (0..=TRIES).map(|step| step as f64 / TRIES as f64).chain([best]).collect();
        tried.sort_by(f64::total_cmp);
        let agreeing = (tried.iter().position(|share| agrees(*share)), tried.iter().rposition(|share| agrees(*share)));
        let (Some(first), Some(last), true) = (agreeing.0, agreeing.1, n > 0.0) else { return Interval::new(0.0, 1.0) };
        let edge = |outside: Option<usize>, inside: f64| {
            let Some(mut out) = outside.and_then(|at| tried.get(at)).copied() else { return inside };
            let mut within = inside;
            for _ in 0..30 {
                let middle = f64::midpoint(out, within);
                if agrees(middle) { within = middle } else { out = middle }
            }
            within
        };
        let at = |index: usize| tried.get(index).copied().unwrap_or_default();
        let low = edge(first.checked_sub(1), at(first));
        Interval { low, high: edge(Some(last + 1).filter(|at| *at < tried.len()), at(last)) }
    }
}

#[cfg(test)]
mod tests;
