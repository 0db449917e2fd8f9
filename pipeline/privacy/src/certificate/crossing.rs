//! From rows to integers; the proofs are at [`Measure`].

use super::rule::{contains_a_set, in_range};
use super::{Claim, Measure, Node};
use crate::metric::Sensitivity;

/// The sensitivity of the vector, or why there is none.
pub(super) fn sensitivity(sets: &[Vec<usize>], measure: Measure, input: &Node) -> Result<Sensitivity, String> {
    let claim = &input.claim;
    if claim.rows == 0 {
        return Err("the input is public and needs no noise".to_owned());
    }
    if sets.is_empty() {
        return Err("there is no grouping set".to_owned());
    }
    for column in sets.iter().flatten() {
        in_range(*column, input.columns.len())?;
        if claim.unit == Some(*column) {
            return Err("the person is among the keys".to_owned());
        }
    }
    // The most by which one row moves its cell, and whether a person moves a cell by at most that.
    let (size, never_twice) = match measure {
        Measure::Count => (1, false),
        Measure::DistinctUnits if claim.unit.is_none() => return Err("the input does not show its person".to_owned()),
        Measure::DistinctUnits => (1, true),
        Measure::Sum { low, high } | Measure::Split { low, high } if low > high => {
            return Err("the lower clamp is above the upper".to_owned());
        }
        Measure::Sum { low, high } => (low.unsigned_abs().max(high.unsigned_abs()), false),
        Measure::Split { low, high } => (high.abs_diff(low), false),
        Measure::Scores { weight } => (weight, false),
    };
    if size == 0 {
        return Err("a row moves nothing".to_owned());
    }
    let scores = matches!(measure, Measure::Scores { .. });
    norms(sets, claim.rows, size, scores, |set| if never_twice { 1 } else { together(claim, set) })
        .and_then(|(l1, l2_squared)| Sensitivity::new(l1, l2_squared).ok())
        .ok_or_else(|| "the sensitivity does not fit in 64 bits".to_owned())
}

/// The most rows of one person in one cell.
fn together(claim: &Claim, set: &[usize]) -> u64 {
    if contains_a_set(claim, set) {
        return 1;
    }
    match claim.contribution {
        Some(number) if set.contains(&number) => claim.per_contribution.min(claim.rows),
        Some(number) if contains_a_set(claim, &[set, &[number]].concat()) => claim.contributions.min(claim.rows),
        _ => claim.rows,
    }
}

/// L1 and squared L2; `together` gives the most rows of one person in a cell of a set.
fn norms(sets: &[Vec<usize>], rows: u64, size: u64, scores: bool, together: impl Fn(&[usize]) -> u64) -> Option<(u64, u64)> {
    let most = rows.checked_mul(size)?;
    let l1 = most.checked_mul(u64::try_from(sets.len()).ok()?)?;
    if scores {
        return Some((l1, l1.checked_mul(l1)?));
    }
    let square = |set: &Vec<usize>| most.checked_mul(size)?.checked_mul(together(set));
    let l2_squared = sets.iter().try_fold(0_u64, |sum, set| sum.checked_add(square(set)?))?;
    Some((l1, l2_squared))
}
