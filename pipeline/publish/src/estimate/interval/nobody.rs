//! The cells that may be those of nobody: decided by the interval of the count, not by the noisy count itself.

use utfall_estimate::distribution::Error;

use super::{at, pair, share_margins};
use crate::description::formula::Formula;
use crate::estimate::distribution::error;
use crate::estimate::{Estimate, noise::Noise};
use crate::{CellIndex, DeriveError, Measured};

/// Per cell, whether its count leaves it open that there are too few people for the statistic; empty of counts and sums, which are
/// what they are, and of what no count was measured for.
pub(super) fn cells(
    formula: &Formula,
    vectors: &[Measured<'_>],
    estimates: &[Option<&Estimate>],
    cells: usize,
    tail: f64,
) -> Result<Vec<bool>, DeriveError> {
    let estimate = |vector: usize| estimates.get(vector).copied().flatten();
    let counted = |vector: usize, least: f64| {
        let margin = margins(at(vectors, vector)?, estimate(vector), tail)?;
        let number = |cell: CellIndex| number(vectors.get(vector)?, estimate(vector), cell);
        Ok(CellIndex::all(cells).map(|cell| is_open(number(cell), margin(cell), least)).collect())
    };
    match *formula {
        Formula::Count { .. } | Formula::Sum { .. } => Ok(Vec::new()),
        Formula::Mean { count, .. } | Formula::Quantile { count: Some(count), .. } => counted(count, 1.0),
        Formula::Constant { count, least, .. } => counted(count, least as f64),
        Formula::Variance { count, sample, .. } | Formula::Deviation { count, sample, .. } => {
            counted(count, if sample { 2.0 } else { 1.0 })
        }
        Formula::Split { vector, .. } | Formula::Quantile { ends: Some(vector), .. } => {
            let (vector, estimate) = (at(vectors, vector)?, estimate(vector));
            let margins = share_margins(vector, estimate, tail)?;
            let one = |cell: CellIndex| Some(margins(cell)?.may_be_nobody(pair(vector, estimate, cell)?));
            Ok(CellIndex::all(cells).map(|cell| one(cell).unwrap_or(true)).collect())
        }
        Formula::Quantile { count: None, ends: None, .. } => Ok(Vec::new()),
        Formula::HistogramQuantile { vector, bins, .. } => {
            let histogram = at(vectors, vector)?;
            let margin = total(&histogram.noise, bins).ok_or(DeriveError::Chosen)?.margin(tail);
            let people = |cell: CellIndex| Some(cell.of(bins, histogram.values)?.iter().map(|count| *count as f64).sum());
            Ok(CellIndex::all(cells).map(|cell| is_open(people(cell), Some(margin), 1.0)).collect())
        }
    }
}

/// Whether fewer than `least` people are within the margin of a count.
fn is_open(number: Option<f64>, margin: Option<f64>, least: f64) -> bool {
    number.zip(margin).is_none_or(|(number, margin)| number - margin <= least - 1.0)
}

/// A number of a vector with one per cell: its estimate if it was reconciled.
pub(super) fn number(vector: &Measured<'_>, estimate: Option<&Estimate>, cell: CellIndex) -> Option<f64> {
    match estimate {
        Some(estimate) => estimate.values.get(cell.number()).copied(),
        None => vector.values.get(cell.number()).map(|number| *number as f64),
    }
}

/// The margin of each number of a vector with one per cell.
type MarginOf<'a> = Box<dyn Fn(CellIndex) -> Option<f64> + 'a>;

fn margins<'a>(vector: &Measured<'_>, estimate: Option<&'a Estimate>, tail: f64) -> Result<MarginOf<'a>, DeriveError> {
    let Some(estimate) = estimate else {
        let margin = vector.noise.margin(tail)? as f64;
        return Ok(Box::new(move |_| Some(margin)));
    };
    let margins = estimate.distributions.margins(tail);
    Ok(Box::new(move |cell| *margins.get(estimate.distributions.kind(cell.number())?)?))
}

/// The error of the sum of so many numbers with a noise of their own.
fn total(noise: &Noise, numbers: usize) -> Option<Error> {
    let mut error = error(noise)?;
    error.terms.iter_mut().for_each(|term| term.count *= numbers as f64);
    Some(error)
}
