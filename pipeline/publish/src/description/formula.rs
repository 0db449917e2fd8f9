//! How the number of a cell is computed from the measured integers: arithmetic that is free, because it sees only them.
//!
//! The functions know nothing of noise. With exact integers they give the exact statistic, which is how tests compare the
//! two, and what a noisy statistic is an estimate of.

use serde::{Deserialize, Serialize};
use utfall_estimate::interval::Interval;

use crate::CellIndex;

/// How a measure is computed. `vector`, `count`, `sum` and `squares` are indexes into the vectors of its table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Formula {
    /// A number of rows or of people.
    Count {
        /// The counts.
        vector: usize,
    },
    /// A sum of bounded whole numbers.
    Sum {
        /// The sums.
        vector: usize,
    },
    /// The mean `centre + S / n` of values between `low` and `high`, clipped to them.
    Mean {
        /// The counts n.
        count: usize,
        /// The sums S of value - `centre`.
        sum: usize,
        /// What was subtracted from each value, so that one person moves the sum less.
        centre: i64,
        /// The least value.
        low: i64,
        /// The greatest value.
        high: i64,
    },
    /// The mean of values between `low` and `high` from their distances u from `low` and v from `high`, summed, two numbers
    /// per cell: `low + (high - low) u / (u + v)`, clipped.
    Split {
        /// The distances: u and v of the first cell, then of the second, ...
        vector: usize,
        /// The least value.
        low: i64,
        /// The greatest value.
        high: i64,
    },
    /// The variance `Q / n - (S / n)^2`, times `n / (n - 1)` if it is that of a sample, clipped to what values between
    /// `low` and `high` can have: at most ((high - low) / 2)^2 (Popoviciu), times the same factor.
    Variance {
        /// The counts n.
        count: usize,
        /// The sums S of value - `centre`.
        sum: usize,
        /// The sums Q of (value - `centre`)^2.
        squares: usize,
        /// Whether n - 1 is the divisor.
        sample: bool,
        /// The least value.
        low: i64,
        /// The greatest value.
        high: i64,
        /// What was subtracted from each value.
        centre: i64,
    },
    /// The standard deviation: the square root of [`Formula::Variance`].
    Deviation {
        /// The counts n.
        count: usize,
        /// The sums S of value - `centre`.
        sum: usize,
        /// The sums Q of (value - `centre`)^2.
        squares: usize,
        /// Whether n - 1 is the divisor.
        sample: bool,
        /// The least value.
        low: i64,
        /// The greatest value.
        high: i64,
        /// What was subtracted from each value.
        centre: i64,
    },
    /// The `numerator / denominator` quantile, as an exponential mechanism chose it: the value is `low` plus the index.
    Quantile {
        /// The chosen indexes.
        vector: usize,
        /// The value of index 0.
        low: i64,
        /// The quantile is `numerator / denominator`.
        numerator: u64,
        /// The quantile is `numerator / denominator`.
        denominator: u64,
        /// The counts of the rows that have a value; where they say that there is nobody, there is no quantile.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        count: Option<usize>,
        /// The distances of the same values from both ends, which say so too: those of nobody are zero.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ends: Option<usize>,
    },
    /// A statistic of values that are all the same: it is known, and there is none of fewer rows than `least`.
    Constant {
        /// The counts of the rows that have a value.
        count: usize,
        /// The statistic.
        value: i64,
        /// The least number of rows of which there is one.
        least: i64,
    },
    /// The `numerator / denominator` quantile of a histogram with one bin for each of the values `low`, `low + 1`, ...
    HistogramQuantile {
        /// The counts of all bins of the first cell, then of the second, ...
        vector: usize,
        /// The value of the first bin.
        low: i64,
        /// The number of bins.
        bins: usize,
        /// The quantile is `numerator / denominator`.
        numerator: u64,
        /// The quantile is `numerator / denominator`.
        denominator: u64,
    },
}

impl Formula {
    /// The vectors that it is computed from.
    pub fn vectors(&self) -> Vec<usize> {
        match *self {
            Self::Count { vector }
            | Self::Sum { vector }
            | Self::Split { vector, .. }
            | Self::HistogramQuantile { vector, .. } => vec![vector],
            Self::Quantile { vector, count, .. } => [vector].into_iter().chain(count).collect(),
            Self::Constant { count, .. } => vec![count],
            Self::Mean { count, sum, .. } => vec![count, sum],
            Self::Variance { count, sum, squares, .. } | Self::Deviation { count, sum, squares, .. } => vec![count, sum, squares],
        }
    }

    /// How many numbers of `vector` one cell has.
    pub fn width(&self) -> usize {
        match self {
            Self::HistogramQuantile { bins, .. } => *bins,
            Self::Split { .. } => 2,
            Self::Count { .. } | Self::Sum { .. } | Self::Mean { .. } | Self::Variance { .. } => 1,
            Self::Deviation { .. } | Self::Quantile { .. } | Self::Constant { .. } => 1,
        }
    }

    /// Whether the values are 0 and 1, so that the mean is a share.
    pub fn is_share(&self) -> bool {
        match self {
            Self::Mean { low, high, .. }
            | Self::Split { low, high, .. }
            | Self::Variance { low, high, .. }
            | Self::Deviation { low, high, .. } => (*low, *high) == (0, 1),
            Self::Count { .. } | Self::Sum { .. } | Self::Quantile { .. } | Self::HistogramQuantile { .. } => false,
            Self::Constant { .. } => false,
        }
    }

    /// With how many decimals the numbers are published.
    pub fn decimals(&self) -> u32 {
        match self {
            Self::Count { .. } | Self::Sum { .. } | Self::Quantile { .. } | Self::HistogramQuantile { .. } => 0,
            Self::Constant { .. } => 0,
            Self::Mean { .. } | Self::Split { .. } | Self::Variance { .. } | Self::Deviation { .. } => {
                2 + u32::from(self.is_share())
            }
        }
    }

    /// Whether its bounds agree with each other.
    pub(crate) fn is_sound(&self) -> bool {
        let between = |numerator: u64, denominator: u64| numerator > 0 && numerator < denominator;
        match *self {
            Self::Count { .. } | Self::Sum { .. } | Self::Constant { .. } => true,
            Self::Split { low, high, .. } => low < high,
            Self::Mean { centre, low, high, .. }
            | Self::Variance { centre, low, high, .. }
            | Self::Deviation { centre, low, high, .. } => (low..=high).contains(&centre),
            Self::Quantile { numerator, denominator, .. } => between(numerator, denominator),
            Self::HistogramQuantile { numerator, denominator, bins, .. } => bins > 0 && between(numerator, denominator),
        }
    }
}

/// The number of each cell; none where the integers give none, such as the mean of nobody.
///
/// Whole numbers below 2^53 are exact, and so are the numerators and denominators of all quotients.
pub fn cells(formula: &Formula, vectors: &[&[i64]], cells: usize) -> Vec<Option<f64>> {
    let at = |vector: usize, cell: CellIndex| vectors.get(vector).and_then(|values| values.get(cell.number())).copied();
    let pair = |vector: usize, cell: CellIndex| cell.pair(vectors.get(vector)?);
    let cell = |cell: CellIndex| match *formula {
        Formula::Count { vector } | Formula::Sum { vector } => Some(at(vector, cell)? as f64),
        Formula::Split { vector, low, high } => {
            let [first, second] = pair(vector, cell)?;
            split(first as f64, second as f64, Interval { low, high })
        }
        Formula::Mean { count, sum, centre, low, high } => {
            mean(at(count, cell)? as f64, at(sum, cell)? as f64, centre, Interval { low, high })
        }
        Formula::Variance { count, sum, squares, sample, low, high, .. } => {
            variance(at(count, cell)?, at(sum, cell)?, at(squares, cell)?, sample, Interval { low, high })
        }
        Formula::Deviation { count, sum, squares, sample, low, high, .. } => {
            variance(at(count, cell)?, at(sum, cell)?, at(squares, cell)?, sample, Interval { low, high }).map(f64::sqrt)
        }
        Formula::Quantile { vector, low, count, ends, .. } => {
            let both = |ends| pair(ends, cell).map(|[first, second]| first.saturating_add(second));
            let people = [count.map(|count| at(count, cell)), ends.map(both)];
            let nobody = people.into_iter().flatten().any(|n| n.is_none_or(|n| n <= 0));
            if nobody { None } else { Some(low.saturating_add(at(vector, cell)?) as f64) }
        }
        Formula::Constant { count, value, least } => (at(count, cell)? >= least).then_some(value as f64),
        Formula::HistogramQuantile { vector, low, bins, numerator, denominator } => {
            let counts = cell.of(bins, vectors.get(vector)?)?;
            quantile(counts, numerator, denominator).map(|index| low as f64 + index as f64)
        }
    };
    CellIndex::all(cells).map(cell).collect()
}

/// A mean, a variance or its root from estimates that are no whole numbers; none for other formulas.
pub(crate) fn estimated(formula: &Formula, at: &dyn Fn(usize) -> Option<f64>) -> Option<f64> {
    match *formula {
        Formula::Mean { count, sum, centre, low, high } => mean(at(count)?, at(sum)?, centre, Interval { low, high }),
        Formula::Variance { count, sum, squares, sample, low, high, .. }
        | Formula::Deviation { count, sum, squares, sample, low, high, .. } => {
            let (n, sum, squares) = (at(count)?, at(sum)?, at(squares)?);
            let divisor = n - if sample { 1.0 } else { 0.0 };
            if divisor <= 0.0 {
                return None;
            }
            let variance = ((squares - sum * sum / n) / divisor).clamp(0.0, greatest_variance(low, high) * n / divisor);
            Some(if matches!(formula, Formula::Deviation { .. }) { variance.sqrt() } else { variance })
        }
        _ => None,
    }
}

/// `low + (high - low) u / (u + v)`, clipped; none of nobody.
pub fn split(u: f64, v: f64, range: Interval<i64>) -> Option<f64> {
    let Interval { low, high } = range.map(|end| end as f64);
    (u + v > 0.0).then(|| (low + (high - low) * u / (u + v)).clamp(low, high))
}

/// `centre + S / n`, clipped; none of nobody.
fn mean(n: f64, sum: f64, centre: i64, Interval { low, high }: Interval<i64>) -> Option<f64> {
    (n > 0.0).then(|| (centre as f64 + sum / n).clamp(low as f64, high as f64))
}

/// `(Q n - S^2) / (n (n or n - 1))`, the numerator exact, clipped; none of nobody, or of a sample of one.
fn variance(n: i64, sum: i64, squares: i64, sample: bool, Interval { low, high }: Interval<i64>) -> Option<f64> {
    let divisor = n.saturating_sub(i64::from(sample));
    if divisor <= 0 {
        return None;
    }
    let [wide, total] = [n, sum].map(i128::from);
    // Each product is below 2^126.
    let numerator = i128::from(squares) * wide - total * total;
    let most = greatest_variance(low, high) * (n as f64 / divisor as f64);
    Some((numerator as f64 / (n as f64 * divisor as f64)).clamp(0.0, most))
}

/// The greatest variance of values between two numbers: half of them at either end (Popoviciu 1935).
pub(crate) fn greatest_variance(low: i64, high: i64) -> f64 {
    let half = (high as f64 - low as f64) / 2.0;
    half * half
}

/// The smallest index that is an a / b quantile: up to it lie at least a / b of all; negative counts are taken as 0. None of
/// nobody.
fn quantile(counts: &[i64], a: u64, b: u64) -> Option<usize> {
    let counts: Vec<i128> = counts.iter().map(|&count| i128::from(count.max(0))).collect();
    let total: i128 = counts.iter().sum();
    if total == 0 {
        return None;
    }
    let mut upto = 0_i128;
    counts.iter().position(|count| {
        upto += count;
        upto.saturating_mul(b.into()) >= total.saturating_mul(a.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEAN: Formula = Formula::Mean { count: 0, sum: 1, centre: 40, low: 0, high: 100 };

    fn variance_of(sample: bool) -> Formula {
        Formula::Variance { count: 0, sum: 1, squares: 2, sample, low: 0, high: 10, centre: 4 }
    }

    fn histogram(bins: usize, numerator: u64, denominator: u64) -> Formula {
        Formula::HistogramQuantile { vector: 0, low: 18, bins, numerator, denominator }
    }

    #[test]
    fn counts_and_sums_are_themselves() {
        let vectors: [&[i64]; 2] = [&[3, -4, 1 << 52], &[10, 20, 30]];
        assert_eq!(cells(&Formula::Count { vector: 0 }, &vectors, 3), [Some(3.0), Some(-4.0), Some(4_503_599_627_370_496.0)]);
        assert_eq!(cells(&Formula::Sum { vector: 1 }, &vectors, 2), [Some(10.0), Some(20.0)]);
        assert_eq!(cells(&Formula::Sum { vector: 1 }, &vectors, 4)[3], None, "a number that is not there");
    }

    #[test]
    fn means_are_clipped_and_nobody_has_none() {
        let vectors: [&[i64]; 2] = [&[4, 4, 4, 0, -2, 1], &[-10, 1_000, -1_000, 5, 5, 0]];
        assert_eq!(cells(&MEAN, &vectors, 6), [Some(37.5), Some(100.0), Some(0.0), None, None, Some(40.0)]);
    }

    #[test]
    fn variances_against_their_definition() {
        let values = [1i64, 2, 2, 5, 9, 10];
        let n = values.len() as i64;
        let mean = values.iter().sum::<i64>() as f64 / n as f64;
        let squares: f64 = values.iter().map(|&x| (x as f64 - mean).powi(2)).sum();
        let (sum, square) = (values.iter().map(|x| x - 4).sum::<i64>(), values.iter().map(|x| (x - 4) * (x - 4)).sum::<i64>());
        let vectors: [&[i64]; 3] = [&[n], &[sum], &[square]];
        for (sample, divisor) in [(false, 6.0), (true, 5.0)] {
            let found = cells(&variance_of(sample), &vectors, 1)[0].unwrap();
            assert!((found - squares / divisor).abs() < 1e-12, "{found}");
        }
        let deviation = Formula::Deviation { count: 0, sum: 1, squares: 2, sample: true, low: 0, high: 10, centre: 4 };
        assert!((cells(&deviation, &vectors, 1)[0].unwrap() - (squares / 5.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn variances_are_clipped_and_one_is_no_sample() {
        let vectors: [&[i64]; 3] = [&[10, 10, 1, 0], &[0, 0, 2, 0], &[100_000, -7, 4, 3]];
        assert_eq!(cells(&variance_of(false), &vectors, 4), [Some(25.0), Some(0.0), Some(0.0), None]);
        let sample = cells(&variance_of(true), &vectors, 4);
        assert!((sample[0].unwrap() - 25.0 * 10.0 / 9.0).abs() < 1e-12);
        assert_eq!(sample[1..], [Some(0.0), None, None]);
        // 2^31 and one less: the products are beyond 64 bits, and floats would lose their difference.
        let far: [&[i64]; 3] = [&[2], &[(1 << 32) - 1], &[i64::MAX - (1 << 32) + 2]];
        let wide = Formula::Variance { count: 0, sum: 1, squares: 2, sample: false, low: 0, high: 1 << 31, centre: 0 };
        assert_eq!(cells(&wide, &far, 1), [Some(0.25)]);
    }

    #[test]
    fn chosen_indexes_become_values() {
        let formula = Formula::Quantile { vector: 0, low: -5, numerator: 1, denominator: 2, count: None, ends: None };
        assert_eq!(cells(&formula, &[&[0, 7]], 2), [Some(-5.0), Some(2.0)]);
    }

    #[test]
    fn quantiles_of_histograms() {
        // Two cells of five values: 18, 18, 19, 21, 22 and nobody.
        let counts: &[i64] = &[2, 1, 0, 1, 1, 0, -3, 0, 0, 0];
        assert_eq!(cells(&histogram(5, 1, 2), &[counts], 2), [Some(19.0), None]);
        assert_eq!(cells(&histogram(5, 9, 10), &[counts], 1), [Some(22.0)]);
        assert_eq!(cells(&histogram(5, 1, 10), &[counts], 1), [Some(18.0)]);
        // 18 twice and 22 twice: every value from 18 to 22 is a median, and the smallest is taken.
        assert_eq!(cells(&histogram(5, 1, 2), &[&[2, 0, 0, 0, 2]], 1), [Some(18.0)]);
        // Most people at two values: the median is the value that more of them have, not one between.
        assert_eq!(cells(&histogram(5, 1, 2), &[&[3, 0, 0, 0, 4]], 1), [Some(22.0)]);
        // A negative count is nobody.
        assert_eq!(cells(&histogram(5, 1, 2), &[&[-9, 0, 3, 0, 0]], 1), [Some(20.0)]);
        assert_eq!(cells(&histogram(6, 1, 2), &[counts], 2)[1], None, "a bin that is not there");
    }

    #[test]
    fn the_kind_is_named_in_the_json() {
        let json = serde_json::to_string(&histogram(5, 1, 2)).unwrap();
        assert_eq!(json, r#"{"kind":"histogram-quantile","vector":0,"low":18,"bins":5,"numerator":1,"denominator":2}"#);
        assert_eq!(serde_json::from_str::<Formula>(&json).unwrap(), histogram(5, 1, 2));
        assert!(serde_json::from_str::<Formula>(&json.replace("\"low\"", "\"least\"")).is_err());
    }
}
