//! Noise intervals: how far a published number may lie from the exact one because of the noise.
//!
//! A noise interval says nothing of any other uncertainty: chance in who took part, errors in what was reported, or what
//! a project brought about. It is computed from the noisy numbers and the mechanism alone, so it is public.
//!
//! With at least the probability of the level, over the noise of that cell,
//! - of a *count* or a *sum*: the exact number is within the margin, which is the same for all cells;
//! - of a *mean*, *variance* or *standard deviation*: the exact statistic is within the interval. Each vector it is
//!   computed from gets a share of what the level leaves (Bonferroni), so that all of them are within their own margins
//!   together, and the interval spans what the statistic can be there. Where that includes nobody, it is the whole range;
//! - of a *count or a sum that was reconciled* with others, or added up: the exact number is within the margin, by the
//!   distribution of all the noise that went into the estimate (`distribution`), and is one of the whole numbers there. The ends
//!   are whole therefore, in every table and however many decimals the estimate has;
//! - of a *share*, or a *mean* measured by its distances from both ends: see `share`;
//! - of a *quantile of a histogram*: the exact quantile is within the interval;
//! - of a *chosen quantile*: the rank of the value is off by at most so many. No interval of values follows from that
//!   without looking at the data.

use std::collections::HashMap;

use utfall_estimate::interval::Interval;
use utfall_estimate::share::Margins;
use utfall_estimate::tail::normal_margin;

use crate::description::formula::{Formula, greatest_variance};
use crate::estimate::Estimate;
use crate::estimate::noise::{Noise, Weighted};
use crate::{CellIndex, DeriveError, Measured};

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

    /// The probability that the level leaves.
    pub fn tail(self) -> f64 {
        f64::from(self.denominator - self.numerator) / f64::from(self.denominator)
    }
}

/// The noise intervals of one measure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Intervals {
    /// The interval of each cell; none where none can be given.
    pub(crate) ends: Vec<Option<Interval>>,
    /// Half the width, where it is the same whole number for all cells.
    pub(crate) margin: Option<i64>,
    /// By how many ranks a chosen quantile is off at most.
    pub(crate) rank: Option<u64>,
    /// Of shares: the intervals when chance in who took part is counted too.
    pub(crate) sampling: Option<Vec<Option<Interval>>>,
}

/// The noise intervals of a measure that hold but for `tail`, computed from the vectors of its table; `estimates` are those of
/// the vectors that were reconciled with others.
pub(crate) fn intervals(
    formula: &Formula,
    vectors: &[Measured<'_>],
    estimates: &[Option<&Estimate>],
    cells: usize,
    tail: f64,
) -> Result<Intervals, DeriveError> {
    let with = |ends: &IntervalOf<'_>| {
        let ends = CellIndex::all(cells).map(ends).collect();
        Intervals { ends, margin: None, rank: None, sampling: None }
    };
    let estimate = |vector: usize| estimates.get(vector).copied().flatten();
    match *formula {
        Formula::Count { vector } | Formula::Sum { vector } if let Some(estimate) = estimate(vector) => {
            Ok(with(&reconciled(estimate, tail)))
        }
        Formula::Split { vector, low, high } => {
            let chance = if formula.is_share() { normal_margin(tail).powi(2) } else { 0.0 };
            let both = shares(at(vectors, vector)?, estimate(vector), cells, tail, chance)?;
            let (low, wide) = (low as f64, high as f64 - low as f64);
            let ends = both.iter().map(|both| both.map(|share| share.noise.map(|end| low + wide * end))).collect();
            let sampling = formula.is_share().then(|| both.iter().map(|both| both.map(|share| share.sampling)).collect());
            Ok(Intervals { ends, sampling, margin: None, rank: None })
        }
        Formula::Count { vector } | Formula::Sum { vector } => {
            let counts = Alone::of(vectors, vector, tail)?;
            Ok(Intervals { margin: Some(counts.margin), ..with(&|cell| counts.interval(cell)) })
        }
        Formula::Mean { count, sum, centre, low, high } => {
            let each = |index| spans(vectors, estimate(index), index, tail / 2.0);
            let (counts, sums) = (each(count)?, each(sum)?);
            Ok(with(&|cell| Some(mean(counts(cell)?, sums(cell)?, centre, Interval::new(low, high)))))
        }
        Formula::Variance { count, sum, squares, sample, low, high, .. }
        | Formula::Deviation { count, sum, squares, sample, low, high, .. } => {
            let each = |index| spans(vectors, estimate(index), index, tail / 3.0);
            let (counts, sums, squares) = (each(count)?, each(sum)?, each(squares)?);
            let most = greatest_variance(low, high);
            let root = matches!(formula, Formula::Deviation { .. });
            Ok(with(&|cell| {
                let variance = variance(counts(cell)?, sums(cell)?, squares(cell)?, sample, most);
                Some(if root { variance.map(f64::sqrt) } else { variance })
            }))
        }
        Formula::Constant { value, .. } => Ok(with(&|_| Some(Interval::new(value as f64, value as f64)))),
        Formula::Quantile { vector, denominator, .. } => {
            let shortfall = at(vectors, vector)?.noise.shortfall(tail);
            let rank = shortfall.map(|score| (score / denominator as f64).ceil() as u64);
            Ok(Intervals { rank, ..with(&|_| None) })
        }
        Formula::HistogramQuantile { vector, low, bins, numerator, denominator } => {
            let histogram = at(vectors, vector)?;
            let weights = Weights { below: denominator.saturating_sub(numerator) as f64, above: numerator as f64 };
            let spreads = spreads(&histogram.noise, bins, weights, tail)?;
            Ok(with(&|cell| {
                let counts = cell.of(bins, histogram.values)?;
                Some(quantile(counts, weights, &spreads)?.map(|index| low as f64 + index as f64))
            }))
        }
    }
}

/// The interval of each number of an estimate of one number per cell.
fn reconciled(estimate: &Estimate, tail: f64) -> impl Fn(CellIndex) -> Option<Interval> {
    let margins = estimate.distributions.margins(tail);
    // The number that is published was rounded, so that sums stay sums.
    let unit = 10f64.powi(estimate.decimals as i32);
    move |cell| {
        let number = cell.number();
        let (value, margin) = (*estimate.values.get(number)?, (*margins.get(estimate.distributions.kind(number)?)?)?);
        let published = *estimate.rounded.get(number)? as f64 / unit;
        let Interval { low, high } = whole_numbers(value, margin);
        Some(Interval { low: low.min(published), high: high.max(published) })
    }
}

/// The whole numbers within a margin of an estimate: the exact number is one of them, so what lies between them and the margin
/// holds nothing. Where there is none, from the one below to the one above.
fn whole_numbers(value: f64, margin: f64) -> Interval {
    // Of estimates that are whole but for the rounding of floating point, the margin counts in full.
    let hair = 1e-6_f64.max(1e-12 * value.abs());
    let inside = Interval { low: (value - margin - hair).ceil(), high: (value + margin + hair).floor() };
    if inside.low <= inside.high { inside } else { Interval { low: value.floor(), high: value.ceil() } }
}

/// The intervals of a share.
#[derive(Clone, Copy)]
struct ShareIntervals {
    /// For the noise.
    noise: Interval,
    /// For the noise and for chance in who took part.
    sampling: Interval,
}

/// The share of the first of a cell's two numbers.
fn shares(
    vector: &Measured<'_>,
    estimate: Option<&Estimate>,
    cells: usize,
    tail: f64,
    chance: f64,
) -> Result<Vec<Option<ShareIntervals>>, DeriveError> {
    let both =
        |margins: &Margins, u, v| ShareIntervals { noise: margins.interval(u, v, 0.0), sampling: margins.interval(u, v, chance) };
    let Some(estimate) = estimate else {
        let margins = vector.noise.shares(tail).ok_or(DeriveError::Chosen)?;
        let one = |cell: CellIndex| cell.pair(vector.values).map(|[u, v]| both(&margins, u as f64, v as f64));
        return Ok(CellIndex::all(cells).map(one).collect());
    };
    let mut known: HashMap<_, Option<Margins>> = HashMap::new();
    let mut one = |cell: CellIndex| {
        let kind = estimate.distributions.kind(cell.numbers(2).start)?;
        let margins = known
            .entry(kind)
            .or_insert_with(|| Margins::by(|share| estimate.distributions.share_margin(kind, share, tail)))
            .as_ref()?;
        cell.pair(&estimate.values).map(|[u, v]| both(margins, u, v))
    };
    Ok(CellIndex::all(cells).map(&mut one).collect())
}

fn at<'a>(vectors: &'a [Measured<'a>], index: usize) -> Result<&'a Measured<'a>, DeriveError> {
    vectors.get(index).ok_or(DeriveError::Tables)
}

/// A vector that was reconciled with nothing.
#[derive(Clone, Copy)]
struct Alone<'a> {
    values: &'a [i64],
    /// What the noise of each integer stays within.
    margin: i64,
}

impl<'a> Alone<'a> {
    /// One of these vectors; each of its integers misses the margin with a probability of at most `tail`.
    fn of(vectors: &'a [Measured<'a>], index: usize, tail: f64) -> Result<Self, DeriveError> {
        let vector = at(vectors, index)?;
        Ok(Self { values: vector.values, margin: vector.noise.margin(tail)? })
    }

    /// A noisy number and its margin either way.
    fn interval(self, cell: CellIndex) -> Option<Interval> {
        let value = *self.values.get(cell.number())?;
        Some(Interval::new(value.saturating_sub(self.margin), value.saturating_add(self.margin)).map(|end| end as f64))
    }
}

/// The interval of the number of a cell.
type IntervalOf<'a> = dyn Fn(CellIndex) -> Option<Interval> + 'a;

/// Where each number of a vector can be: around its estimate if it was reconciled, else around itself.
fn spans<'a>(
    vectors: &'a [Measured<'a>],
    estimate: Option<&'a Estimate>,
    index: usize,
    tail: f64,
) -> Result<Box<IntervalOf<'a>>, DeriveError> {
    Ok(match estimate {
        Some(estimate) => Box::new(reconciled(estimate, tail)),
        None => {
            let alone = Alone::of(vectors, index, tail)?;
            Box::new(move |cell| alone.interval(cell))
        }
    })
}

/// What `centre + S / n` can be where n and S lie in intervals: S / n rises with S, and n pulls it towards zero.
fn mean(n: Interval, sum: Interval, centre: i64, range: Interval<i64>) -> Interval {
    let (centre, range) = (centre as f64, range.map(|end| end as f64));
    if n.low <= 0.0 {
        return range;
    }
    let least = sum.low / if sum.low < 0.0 { n.low } else { n.high };
    let greatest = sum.high / if sum.high > 0.0 { n.low } else { n.high };
    Interval::new(least, greatest).map(|distance| (centre + distance).clamp(range.low, range.high))
}

/// What `Q / n - (S / n)^2` can be where n, S and Q lie in intervals, times `n / (n - 1)` if of a sample, and at most `most`
/// times the same factor.
///
/// For fixed S and Q, Q / n - S^2 / n^2 rises with n up to n = 2 S^2 / Q and falls from there (it rises for ever if Q < 0):
/// its least value is at an end of n's interval, and its greatest at an end or there.
fn variance(n: Interval, sum: Interval, squares: Interval, sample: bool, most: f64) -> Interval {
    let ones = if sample { 1.0 } else { 0.0 };
    if n.low <= ones {
        // Of a sample, the factor is greatest for two people.
        return Interval::new(0.0, if sample { 2.0 * most } else { most });
    }
    let farthest = sum.low.abs().max(sum.high.abs()).powi(2);
    let nearest = if sum.low <= 0.0 && sum.high >= 0.0 { 0.0 } else { sum.low.abs().min(sum.high.abs()).powi(2) };
    let at = |n: f64, q: f64, s: f64| q / n - s / (n * n);
    let least = at(n.low, squares.low, farthest).min(at(n.high, squares.low, farthest));
    let peak = if squares.high > 0.0 { (2.0 * nearest / squares.high).clamp(n.low, n.high) } else { n.high };
    let greatest = at(peak, squares.high, nearest);
    let (narrow, wide) = (n.high / (n.high - ones), n.low / (n.low - ones));
    let most = most * wide;
    Interval { low: (least * narrow).clamp(0.0, most), high: (greatest * wide).clamp(0.0, most) }
}

/// What a quantile weighs those below a value and those above it by: the median by the same.
#[derive(Clone, Copy)]
struct Weights {
    below: f64,
    above: f64,
}

/// Per edge between two indexes (and at both ends), how far the noise moves the balance (b - a) below - a above at most, at
/// all edges together but for `tail`.
fn spreads(noise: &Noise, bins: usize, weights: Weights, tail: f64) -> Result<Vec<f64>, DeriveError> {
    let each = tail / (bins + 1) as f64;
    let bins_of =
        |edge: usize| [Weighted { weight: weights.below, count: edge }, Weighted { weight: weights.above, count: bins - edge }];
    (0..=bins).map(|edge| noise.spread(&bins_of(edge), each)).collect()
}

/// The first and the last index that can be the exact quantile.
///
/// With E(v) = (b - a) below - a above at the edge under v, v is a quantile if E(v) <= 0 <= E(v + 1): no more than its share
/// lies below v, and no less up to v. The noise moves each E by at most its spread.
fn quantile(counts: &[i64], Weights { below, above }: Weights, spreads: &[f64]) -> Option<Interval<usize>> {
    let total: f64 = counts.iter().map(|&count| count as f64).sum();
    let mut before = 0.0;
    let mut balances = vec![-above * total];
    for &count in counts {
        before += count as f64;
        balances.push(below * before - above * (total - before));
    }
    let lowest = |edge: usize| Some(balances.get(edge)? - spreads.get(edge)?);
    let highest = |edge: usize| Some(balances.get(edge)? + spreads.get(edge)?);
    let can = |index: &usize| lowest(*index).is_some_and(|e| e <= 0.0) && highest(index + 1).is_some_and(|e| e >= 0.0);
    let first = (0..counts.len()).find(can)?;
    let last = (0..counts.len()).rfind(can)?;
    Some(Interval::new(first, last))
}

#[cfg(test)]
mod tests;
