//! Noise intervals: how far a published number may lie from the exact one because of the noise.
//!
//! A noise interval says nothing of any other uncertainty: chance in who took part, errors in what was reported, or what
//! a project brought about. It is computed from the noisy numbers and the mechanism alone, so it is public.
//!
//! With the probability of the level, over the noise of that cell (and more often where its noise is few whole numbers),
//! - of a *count* or a *sum*: the exact number is within the margin, which is the same for all cells;
//! - of a *count or a sum that was reconciled* with others, or added up: the exact number is within the margin, by the
//!   distribution of all the noise that went into the estimate (`distribution`), and is one of the whole numbers there. The ends
//!   are whole therefore, in every table and however many decimals the estimate has;
//! - of a *mean*, a *share*, a *variance* or a *standard deviation*: the exact statistic is within the interval, by the distribution of
//!   all noises behind it together (`utfall_estimate::mean`, `share` and `variance`);
//! - of a *quantile of a histogram*: the exact quantile is within the interval, by that of the cumulative noise (`quantile`);
//! - of a *chosen quantile*: at most so many people too many lie below the value, or too few up to it. The score of a value is that
//!   number times the denominator, none for the quantile itself, so it follows from how far below the best the chosen one's score
//!   is. No interval of values follows without looking at the data: how close together they lie is not published.
//!
//! A cell of which the interval of the count reaches zero may be that of nobody. Its statistics are marked, and have no interval: what
//! agrees with the noisy numbers has no end there. So of the statistics of cells that are smaller than the noise few have an interval,
//! and those because the noise raised their count; that one is given and misses is as rare as the level says, over all draws.
//!
//! Of a share, and of a mean of which the squares are measured too, there is a second interval, for the noise and for chance in who
//! took part: the people of the cell are a few of many like them, and the number is that of the many.

mod nobody;
mod quantile;
mod statistic;

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use utfall_estimate::interval::Interval;
use utfall_estimate::share::Margins;
use utfall_estimate::tail::normal_margin;

use crate::description::formula::Formula;
use crate::estimate::Estimate;
use crate::{CellIndex, DeriveError, Measured, Statistic};
use statistic::Statistics;

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
    /// Of shares, and of means whose spread is known: the intervals when chance in who took part is counted too.
    pub(crate) sampling: Option<Vec<Option<Interval>>>,
    /// The cells of which the count does not say that there is anybody. Empty of counts and sums.
    pub(crate) nobody: Vec<bool>,
}

/// The noise intervals of a measure that hold but for `tail`, computed from the vectors of its table; `estimates` are those of
/// the vectors that were reconciled with others, and `measures` all that is computed from the same vectors.
pub(crate) fn intervals(
    formula: &Formula,
    vectors: &[Measured<'_>],
    estimates: &[Option<&Estimate>],
    cells: usize,
    tail: f64,
    measures: &[Statistic],
) -> Result<Intervals, DeriveError> {
    let nobody = nobody::cells(formula, vectors, estimates, cells, tail)?;
    let with = |ends: &IntervalOf<'_>| {
        let of = |cell: CellIndex| if nobody.get(cell.number()) == Some(&true) { None } else { ends(cell) };
        let ends = CellIndex::all(cells).map(of).collect();
        Intervals { ends, margin: None, rank: None, sampling: None, nobody: nobody.clone() }
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
            Ok(Intervals { ends, sampling, margin: None, rank: None, nobody })
        }
        Formula::Count { vector } | Formula::Sum { vector } => {
            let counts = Alone::of(vectors, vector, tail)?;
            Ok(Intervals { margin: Some(counts.margin), ..with(&|cell| counts.interval(cell)) })
        }
        Formula::Mean { .. } => {
            let statistics = Statistics::of(formula, vectors, estimates, tail, measures)?;
            let sampling = statistics.has_chance().then(|| with(&|cell| statistics.mean(cell, true)).ends);
            Ok(Intervals { sampling, ..with(&|cell| statistics.mean(cell, false)) })
        }
        Formula::Variance { .. } | Formula::Deviation { .. } => {
            let statistics = Statistics::of(formula, vectors, estimates, tail, measures)?;
            Ok(with(&|cell| statistics.variance(cell)))
        }
        Formula::Constant { value, .. } => {
            // It is known, whoever there is.
            Ok(Intervals { ends: vec![Some(Interval::new(value as f64, value as f64)); cells], ..with(&|_| None) })
        }
        Formula::Quantile { vector, denominator, .. } => {
            let shortfall = at(vectors, vector)?.noise.shortfall(tail);
            let rank = shortfall.map(|score| (score / denominator as f64).ceil() as u64);
            Ok(Intervals { rank, ..with(&|_| None) })
        }
        Formula::HistogramQuantile { vector, low, bins, numerator, denominator } => {
            let histogram = at(vectors, vector)?;
            let band = quantile::Band::new(&histogram.noise, bins, (numerator, denominator), tail)?;
            Ok(with(&|cell| Some(band.quantile(cell.of(bins, histogram.values)?)?.map(|index| low as f64 + index as f64))))
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
    let both = |margins: &Margins, u, v| {
        Some(ShareIntervals { noise: margins.interval(u, v, 0.0)?, sampling: margins.interval(u, v, chance)? })
    };
    let margins = share_margins(vector, estimate, tail)?;
    let one = |cell: CellIndex| {
        let [u, v] = pair(vector, estimate, cell)?;
        both(margins(cell)?.as_ref(), u, v)
    };
    Ok(CellIndex::all(cells).map(one).collect())
}

/// The two numbers of a cell.
fn pair(vector: &Measured<'_>, estimate: Option<&Estimate>, cell: CellIndex) -> Option<[f64; 2]> {
    match estimate {
        Some(estimate) => cell.pair(&estimate.values),
        None => cell.pair(vector.values).map(|both| both.map(|number| number as f64)),
    }
}

/// The margins of the share of each cell.
type MarginsOf<'a> = Box<dyn Fn(CellIndex) -> Option<Arc<Margins>> + 'a>;

fn share_margins<'a>(vector: &Measured<'_>, estimate: Option<&'a Estimate>, tail: f64) -> Result<MarginsOf<'a>, DeriveError> {
    let Some(estimate) = estimate else {
        let margins = vector.noise.shares(tail).ok_or(DeriveError::Chosen)?;
        return Ok(Box::new(move |_| Some(Arc::clone(&margins))));
    };
    let known: RefCell<HashMap<usize, Option<Arc<Margins>>>> = RefCell::default();
    let distributions = &estimate.distributions;
    let by = move |kind| {
        let both = distributions.both_margin(kind, tail)?;
        Margins::by(|share| distributions.share_margin(kind, share, tail), both).map(Arc::new)
    };
    Ok(Box::new(move |cell| {
        let kind = distributions.kind(cell.numbers(2).start)?;
        known.borrow_mut().entry(kind).or_insert_with(|| by(kind)).clone()
    }))
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

#[cfg(test)]
mod tests;
