//! The interval of a share: which shares agree with two noisy numbers.
//!
//! Of two numbers u and v, distances from the lower and the upper end, the share is R = u / (u + v); of zeros and ones it is
//! the share of ones, and a mean is low + (high - low) R. For the true R, u - R (u + v) is noise alone, whose distribution is
//! known for
//! every R: the interval holds every R for which that is within its margin (Fieller 1954, with the distribution of this noise in
//! place of the normal one). It covers R with the probability of the level. Where the interval of
//! u + v reaches zero the shares that agree have no end, so there is none; whether there is one is up to the noise where there are few.

use std::cmp::Ordering;

use crate::distribution::{Distribution, Single, Term, whole_margin};
use crate::interval::Interval;

/// The margin of u - R (u + v), for R at even steps from 0 to 1, and that of u + v.
#[derive(Debug, Clone)]
pub struct Margins {
    shares: Vec<f64>,
    /// A sum within it may be that of nobody.
    nobody: f64,
}

/// Margins are computed at so many steps, and read off a straight line in between.
const STEPS: usize = 20;

impl Margins {
    /// Of two numbers with noise of their own.
    pub fn alone(single: Single, tail: f64) -> Self {
        let distribution = |share: f64| {
            let terms = [1.0 - share, share].map(|factor| Term { unit: 0, factor, count: 1.0 });
            Distribution::new(&terms, |_| single).margin(tail)
        };
        // Both numbers have the same distribution, so the margin of a share is that of its complement.
        let half: Vec<f64> = (0..=STEPS / 2).map(|step| distribution(step as f64 / STEPS as f64)).collect();
        let nobody = whole_margin(&[Term { unit: 0, factor: 1.0, count: 2.0 }], |_| single, tail);
        Self { shares: (0..=STEPS).filter_map(|step| half.get(step.min(STEPS - step)).copied()).collect(), nobody }
    }

    /// From the margin at each share, if it is known, and the margin of the sum of both numbers.
    pub fn by(margin: impl Fn(f64) -> Option<f64>, nobody: f64) -> Option<Self> {
        let shares = (0..=STEPS).map(|step| margin(step as f64 / STEPS as f64)).collect::<Option<_>>()?;
        Some(Self { shares, nobody })
    }

    fn at(&self, share: f64) -> f64 {
        let place = share * STEPS as f64;
        let before = (place.floor() as usize).min(STEPS - 1);
        let [a, b] = [before, before + 1].map(|step| self.shares.get(step).copied().unwrap_or_default());
        a + (b - a) * (place - before as f64)
    }

    /// Whether two numbers may be those of nobody: the interval of their sum reaches zero.
    pub fn may_be_nobody(&self, [u, v]: [f64; 2]) -> bool {
        // Not a number may be anything.
        !matches!((u + v).partial_cmp(&self.nobody), Some(Ordering::Greater))
    }

    /// The shares that agree with u and v; none if there may be nobody: those that agree have no end then.
    ///
    /// `chance` is the square of the normal quantile with which chance in who took part is counted, its variance being
    /// n R (1 - R); 0 leaves it out. Where no share agrees, u is taken for the nearest that is possible: its error becomes less.
    pub fn interval(&self, u: f64, v: f64, chance: f64) -> Option<Interval> {
        if self.may_be_nobody([u, v]) {
            return None;
        }
        let n = u + v;
        let most = |share: f64| {
            let sampled = chance * n.max(1.0) * share * (1.0 - share);
            (self.at(share).powi(2) + sampled).sqrt() + 1e-9 * (1.0 + n.abs())
        };
        let best = (u / n).clamp(0.0, 1.0);
        let u = if (u - best * n).abs() <= most(best) { u } else { best * n };
        Some(Interval::new(0.0, 1.0).agreeing(best, |share| (u - share * n).abs() <= most(share)))
    }
}

#[cfg(test)]
mod tests;
