//! Aggregates within the person.

use std::collections::BTreeSet;

use super::{Derivation, in_range, of_width, these};
use crate::certificate::{Claim, Node};

/// One row for each combination of the keys, which contain the person: the keys, then aggregates.
///
/// # Privacy
/// A group holds rows of one person, so groups come and go with the person and the other groups stay as they are.
/// There are at most as many as rows; one if the key is the person alone; one per contribution if the keys
/// are person and contribution. Groups of a person differ in the other keys.
///
/// # Checked by
/// `certificate::tests::world`, `certificate::tests::by_hand`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupByUnit {
    /// The columns that are grouped by, in the order of the output.
    pub keys: Vec<usize>,
    /// The number of aggregates.
    pub aggregates: usize,
}

impl Derivation for GroupByUnit {
    fn claim(&self, width: usize, inputs: &[Node]) -> Result<Claim, String> {
        let [input] = these(inputs)?;
        let Self { keys, aggregates } = self;
        of_width(width, keys.len().saturating_add(*aggregates))?;
        keys.iter().try_for_each(|column| in_range(*column, input.columns.len()))?;
        let claim = &input.claim;
        let place = |column: Option<usize>| column.and_then(|column| keys.iter().position(|key| *key == column));
        let Some(unit) = place(claim.unit) else {
            return Err("does not group by the person".to_owned());
        };
        if keys.iter().collect::<BTreeSet<_>>().len() != keys.len() {
            return Err("groups by one column twice".to_owned());
        }
        let contribution = place(claim.contribution);
        let others: Vec<usize> = (0..keys.len()).filter(|place| *place != unit).collect();
        let by_contribution = contribution.is_some_and(|contribution| others == [contribution]);
        let rows = match (others.is_empty(), by_contribution) {
            (true, _) => 1,
            (false, true) => claim.rows.min(claim.contributions),
            (false, false) => claim.rows,
        };
        let per_contribution = if by_contribution { 1 } else { claim.per_contribution };
        let kept = |number: u64| if contribution.is_some() { number } else { 0 };
        Ok(Claim {
            rows,
            contributions: kept(claim.contributions),
            per_contribution: kept(per_contribution),
            unit: Some(unit),
            contribution,
            unique: vec![others],
        })
    }
}
