//! Means and variances, computed from a count, a sum and a sum of squares: all noises behind one together.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use utfall_estimate::combination::Combination;
use utfall_estimate::distribution::Error;
use utfall_estimate::interval::Interval;
use utfall_estimate::mean::{self, Chance};
use utfall_estimate::variance::{Moments, Variances};

use super::{at, nobody::number};
use crate::description::formula::Formula;
use crate::estimate::Estimate;
use crate::estimate::distribution::error;
use crate::{CellIndex, DeriveError, Measured, Statistic};

/// A mean or a variance of every cell, with what its numbers are and how far each can be off.
pub(super) struct Statistics<'a> {
    formula: &'a Formula,
    count: Numbers<'a>,
    sum: Numbers<'a>,
    /// The sums of squares of the same values, if they are measured.
    squares: Option<Numbers<'a>>,
    tail: f64,
    /// What was computed before: cells of the same kinds have the same margins.
    means: RefCell<HashMap<[usize; 2], Option<Arc<Combination>>>>,
    variances: RefCell<HashMap<[usize; 3], Option<Joint>>>,
}

/// The margins of variances, and that of the count.
#[derive(Clone)]
struct Joint {
    variances: Arc<Variances>,
    count: f64,
}

/// A vector with one number per cell.
struct Numbers<'a> {
    vector: &'a Measured<'a>,
    estimate: Option<&'a Estimate>,
}

impl Numbers<'_> {
    fn at(&self, cell: CellIndex) -> Option<f64> {
        number(self.vector, self.estimate, cell)
    }

    /// Cells of one kind have numbers with the same error.
    fn kind(&self, cell: CellIndex) -> Option<usize> {
        self.estimate.map_or(Some(0), |estimate| estimate.distributions.kind(cell.number()))
    }

    fn error(&self, kind: usize) -> Option<Error> {
        self.estimate.map_or_else(|| error(&self.vector.noise), |estimate| estimate.distributions.error(kind))
    }

    /// Whether the errors of both have to do with each other.
    fn is_kin(&self, other: &Self) -> bool {
        self.estimate.zip(other.estimate).is_some_and(|(own, other)| own.distributions.is_kin(&other.distributions))
    }
}

/// The distances of values from a centre, and their range.
#[derive(Clone, Copy)]
struct Values {
    centre: f64,
    range: Interval,
    /// 1 for the variance of a sample, else 0.
    less: f64,
}

impl<'a> Statistics<'a> {
    /// Those of a formula that is a mean or a variance.
    pub(super) fn of(
        formula: &'a Formula,
        vectors: &'a [Measured<'a>],
        estimates: &[Option<&'a Estimate>],
        tail: f64,
        measures: &[Statistic],
    ) -> Result<Self, DeriveError> {
        let (count, sum, squares) = match *formula {
            Formula::Mean { count, sum, .. } => (count, sum, measures.iter().find_map(|m| squares_of(&m.formula, formula))),
            Formula::Variance { count, sum, squares, .. } | Formula::Deviation { count, sum, squares, .. } => {
                (count, sum, Some(squares))
            }
            _ => return Err(DeriveError::Tables),
        };
        let numbers = |index: usize| {
            let vector = at(vectors, index)?;
            error(&vector.noise).ok_or(DeriveError::Chosen)?;
            Ok::<_, DeriveError>(Numbers { vector, estimate: estimates.get(index).copied().flatten() })
        };
        let (count, sum, squares) = (numbers(count)?, numbers(sum)?, squares.map(numbers).transpose()?);
        Ok(Self { formula, count, sum, squares, tail, means: RefCell::default(), variances: RefCell::default() })
    }

    /// Whether chance in who took part can be told of a mean: the spread of the values is known.
    pub(super) fn has_chance(&self) -> bool {
        self.squares.is_some()
    }

    /// The interval of the mean of a cell, for the noise, or for chance in who took part too; none where noises that have to do with
    /// each other are in it, or where the people are too few for that.
    pub(super) fn mean(&self, cell: CellIndex, with_chance: bool) -> Option<Interval> {
        let Values { centre, range, .. } = self.values()?;
        let (n, sum) = (self.count.at(cell)?, self.sum.at(cell)?);
        let mut known = self.means.borrow_mut();
        let kinds = [self.count.kind(cell)?, self.sum.kind(cell)?];
        let margins = known.entry(kinds).or_insert_with(|| self.combination(kinds)).as_ref()?;
        let interval = match with_chance {
            false => mean::interval(n, sum, range, margins, |_| 0.0),
            true => {
                let variance = (self.squares.as_ref()?.at(cell)? - sum * sum / n) / (n - 1.0);
                let chance = Chance::new(n, variance, range, self.tail)?;
                mean::interval(n, sum, range, margins, |mean| chance.square(mean))
            }
        };
        Some(interval.map(|distance| centre + distance))
    }

    fn combination(&self, [count, sum]: [usize; 2]) -> Option<Arc<Combination>> {
        let errors = [self.sum.error(sum)?, self.count.error(count)?];
        if self.count.is_kin(&self.sum) { None } else { self.sum.vector.noise.mean(errors, self.tail) }
    }

    /// The interval of the variance of a cell, or of its root.
    pub(super) fn variance(&self, cell: CellIndex) -> Option<Interval> {
        let Values { range, less, .. } = self.values()?;
        let squares = self.squares.as_ref()?;
        let kinds = [self.count.kind(cell)?, self.sum.kind(cell)?, squares.kind(cell)?];
        let mut known = self.variances.borrow_mut();
        let joint = known.entry(kinds).or_insert_with(|| self.joint(kinds)).as_ref()?;
        let n = self.count.at(cell)?;
        let least = (n - joint.count).max(1.0 + less);
        let moments = Moments { n, sum: self.sum.at(cell)?, squares: squares.at(cell)?, less };
        let interval = joint.variances.interval(moments, range, least);
        Some(if matches!(self.formula, Formula::Deviation { .. }) { interval.map(f64::sqrt) } else { interval })
    }

    fn joint(&self, [count, sum, squared]: [usize; 3]) -> Option<Joint> {
        let squares = self.squares.as_ref()?;
        if self.count.is_kin(&self.sum) || self.count.is_kin(squares) || self.sum.is_kin(squares) {
            return None;
        }
        let errors = [self.count.error(count)?, self.sum.error(sum)?, squares.error(squared)?];
        let count = errors[0].margin(self.tail);
        Some(Joint { variances: self.sum.vector.noise.variance(errors, self.tail)?, count })
    }

    fn values(&self) -> Option<Values> {
        let (centre, low, high, sample) = match *self.formula {
            Formula::Mean { centre, low, high, .. } => (centre, low, high, false),
            Formula::Variance { centre, low, high, sample, .. } | Formula::Deviation { centre, low, high, sample, .. } => {
                (centre, low, high, sample)
            }
            _ => return None,
        };
        let centre = centre as f64;
        let range = Interval::new(low as f64 - centre, high as f64 - centre);
        Some(Values { centre, range, less: if sample { 1.0 } else { 0.0 } })
    }
}

/// The vector of the squares of the values whose mean a formula is, if `other` is their variance.
fn squares_of(other: &Formula, mean: &Formula) -> Option<usize> {
    let Formula::Mean { count: n, sum: s, centre: c, .. } = *mean else { return None };
    match *other {
        Formula::Variance { count, sum, squares, centre, .. } | Formula::Deviation { count, sum, squares, centre, .. } => {
            ((count, sum, centre) == (n, s, c)).then_some(squares)
        }
        _ => None,
    }
}
