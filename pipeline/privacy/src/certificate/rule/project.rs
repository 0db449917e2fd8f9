//! Choosing and computing columns.

use std::collections::BTreeMap;

use super::{Derivation, in_range, of_width, these};
use crate::certificate::{Claim, Node};

/// Output column i is input column `from[i]` unchanged, or row-local.
///
/// # Privacy
/// Each row becomes one row. Columns that are all there keep their meaning and still tell rows apart; of two copies
/// the first is followed.
///
/// # Checked by
/// `certificate::tests::world`, `certificate::tests::by_hand`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// The origin of each output column; `None` for an expression.
    pub from: Vec<Option<usize>>,
}

impl Derivation for Project {
    fn claim(&self, width: usize, inputs: &[Node]) -> Result<Claim, String> {
        let [input] = these(inputs)?;
        let Self { from } = self;
        of_width(width, from.len())?;
        let mut places = BTreeMap::new();
        for (place, origin) in from.iter().enumerate() {
            if let Some(origin) = origin {
                in_range(*origin, input.columns.len())?;
                places.entry(*origin).or_insert(place);
            }
        }
        let place = |column: &usize| places.get(column).copied();
        let claim = &input.claim;
        let contribution = claim.contribution.as_ref().and_then(place);
        let kept = |number: u64| if contribution.is_some() { number } else { 0 };
        Ok(Claim {
            rows: claim.rows,
            contributions: kept(claim.contributions),
            per_contribution: kept(claim.per_contribution),
            unit: claim.unit.as_ref().and_then(place),
            contribution,
            unique: claim.unique.iter().filter_map(|set| set.iter().map(place).collect()).collect(),
        })
    }
}
