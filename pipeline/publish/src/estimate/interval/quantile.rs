//! The interval of a quantile of a histogram: the values at which the noisy cumulative distribution can cross the quantile.
//!
//! At the edge under a value v let E(v) = (b - a) below - a above, for the a / b quantile. v is the quantile if E(v) <= 0 <= E(v + 1): no
//! more than its share lies below v, and no less up to v. The noise of E is that of all bins, those below times b - a and those above
//! times a: cumulative, so that its variance is that of the sum, and known. A value is out if E(v) is above its margin, or E(v + 1)
//! below; of the exact quantile each has half of what the level leaves (Woodruff 1952, with this noise in place of sampling).

use utfall_estimate::distribution::{Error, Term};
use utfall_estimate::interval::Interval;

use crate::DeriveError;
use crate::estimate::distribution::error;
use crate::estimate::noise::Noise;

/// How far the noise moves the balance at each edge between two bins, and at both ends.
pub(super) struct Band {
    below: f64,
    above: f64,
    margins: Vec<f64>,
}

/// So many edges have a margin of their own; of more, those in between have the standard deviation of their own and the quantile
/// of the nearest that has.
const EDGES: usize = 64;

impl Band {
    /// Of the a / b quantile of so many bins with this noise each.
    pub(super) fn new(noise: &Noise, bins: usize, (a, b): (u64, u64), tail: f64) -> Result<Self, DeriveError> {
        let (below, above) = (b.saturating_sub(a) as f64, a as f64);
        let single = error(noise).ok_or(DeriveError::Chosen)?;
        let at = |edge: usize| {
            let term = |factor: f64, count: usize| Term { unit: 0, factor, count: count as f64 };
            let terms = vec![term(below, edge), term(above, bins.saturating_sub(edge))];
            Error { terms: terms.into_iter().filter(|term| term.count > 0.0).collect(), singles: single.singles.clone() }
        };
        let every = bins.div_ceil(EDGES).max(1);
        let mut quantile = 0.0;
        let mut margin = |edge: usize| {
            let (error, deviation) = (at(edge), at(edge).variance().sqrt());
            if deviation > 0.0 && edge.is_multiple_of(every) {
                quantile = error.margin(tail) / deviation;
            }
            deviation * quantile
        };
        // The balance at every edge of a median has the same noise.
        let margins = if below == above { vec![at(bins).margin(tail); bins + 1] } else { (0..=bins).map(&mut margin).collect() };
        Ok(Self { below, above, margins })
    }

    /// The first and the last bin that can be the exact quantile.
    pub(super) fn quantile(&self, counts: &[i64]) -> Option<Interval<usize>> {
        let total: f64 = counts.iter().map(|&count| count as f64).sum();
        let mut before = 0.0;
        let mut balances = vec![-self.above * total];
        for &count in counts {
            before += count as f64;
            balances.push(self.below * before - self.above * (total - before));
        }
        let lowest = |edge: usize| Some(balances.get(edge)? - self.margins.get(edge)?);
        let highest = |edge: usize| Some(balances.get(edge)? + self.margins.get(edge)?);
        let can = |index: &usize| lowest(*index).is_some_and(|e| e <= 0.0) && highest(index + 1).is_some_and(|e| e >= 0.0);
        let first = (0..counts.len()).find(can)?;
        let last = (0..counts.len()).rfind(can)?;
        Some(Interval::new(first, last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_by_hand() {
        let median = |margin: f64, counts: &[i64]| {
            Band { below: 1.0, above: 1.0, margins: vec![margin; counts.len() + 1] }.quantile(counts)
        };
        // A median of 18, 18, 19, 21, 22 with next to no noise, and with so much that it can be any of the values.
        assert_eq!(median(0.2, &[2, 1, 0, 1, 1]), Some(Interval::new(1, 1)));
        assert_eq!(median(9.0, &[2, 1, 0, 1, 1]), Some(Interval::new(0, 4)));
        // Of 18, 18, 18, 22, 22, 22, 22 the median is the value that more of them have.
        assert_eq!(median(0.2, &[3, 0, 0, 0, 4]), Some(Interval::new(4, 4)));
        assert_eq!(median(0.0, &[]), None);
    }

    #[test]
    fn the_band_is_that_of_the_cumulative_noise() {
        let noise = crate::fixture::gaussian(9, 1);
        // Nine bins of variance 9: a deviation of 9.
        let median = Band::new(&noise, 9, (1, 2), 0.05).unwrap();
        assert_eq!(median.margins, [18.0; 10], "the least whole number with 95 % within it");
        let quarter = Band::new(&noise, 9, (1, 4), 0.05).unwrap();
        assert!(
            (quarter.margins[0] / 17.64 - 1.0).abs() < 0.03 && (quarter.margins[9] / 52.92 - 1.0).abs() < 0.03,
            "{:?}",
            quarter.margins
        );
        let (few, many) = (Band::new(&noise, 64, (1, 4), 0.05).unwrap(), Band::new(&noise, 640, (1, 4), 0.05).unwrap());
        for edge in 0..=64 {
            assert!((many.margins[10 * edge] / few.margins[edge] / 10.0_f64.sqrt() - 1.0).abs() < 0.05, "{edge}");
        }
        assert!(Band::new(&crate::fixture::exponential(9, 1, 1), 9, (1, 2), 0.05).is_err());
        assert_eq!(Band::new(&noise, 0, (1, 2), 0.05).unwrap().quantile(&[]), None);
    }
}
