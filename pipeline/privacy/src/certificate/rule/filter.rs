//! Keeping the rows that pass a condition.

use super::{Derivation, contains_a_set, in_range, of_width, these};
use crate::certificate::{Claim, Node};

/// A row-local condition, after which each column of `fixed` is one constant in all rows that remain.
///
/// # Privacy
/// Rows only disappear. Rows that differ in a set and agree in the fixed columns differ in the rest of the set; if
/// nothing is left of it, there is at most one. If the contribution is fixed there is one value, with at most
/// `per_contribution` rows. Rows that differ in the contribution alone, or are one at most, do not share a
/// contribution.
///
/// # Checked by
/// `certificate::tests::world`, `certificate::tests::by_hand`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// The columns that are constant in what remains.
    pub fixed: Vec<usize>,
}

impl Derivation for Filter {
    fn claim(&self, width: usize, inputs: &[Node]) -> Result<Claim, String> {
        let [input] = these(inputs)?;
        let Self { fixed } = self;
        of_width(width, input.columns.len())?;
        fixed.iter().try_for_each(|column| in_range(*column, input.columns.len()))?;
        let mut claim = input.claim.clone();
        let rest = |set: &Vec<usize>| -> Vec<usize> { set.iter().copied().filter(|column| !fixed.contains(column)).collect() };
        claim.unique = claim.unique.iter().map(rest).collect();
        if claim.unique.iter().any(Vec::is_empty) {
            claim.rows = claim.rows.min(1);
        }
        if let Some(contribution) = claim.contribution {
            if fixed.contains(&contribution) {
                claim.contributions = 1;
                claim.rows = claim.rows.min(claim.per_contribution);
            }
            if contains_a_set(&claim, &[contribution]) {
                claim.per_contribution = claim.per_contribution.min(1);
            }
        }
        Ok(claim)
    }
}
