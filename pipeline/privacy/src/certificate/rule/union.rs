//! Rows of several relations, one below the other.

use super::{Derivation, contains_a_set, in_range, of_width, overflow, public, these};
use crate::certificate::{Claim, Node};

/// All rows of two or more inputs (UNION ALL). Rows of different inputs differ in each of `tags`.
///
/// # Privacy
/// Rows add up, and so do those of one contribution. The values of the contribution add up too: the maximum would be
/// wrong, as one input may hold contribution 1 alone and another contribution 3 alone. Nothing tells rows of
/// different inputs apart, unless a tag does: rows that agree in it are of one input, and differ in each of its unique sets; so
/// rows differ in a tag and a set that contains a unique set of every input, but for inputs that have one row. Private and
/// public inputs are not mixed, for public rows have no person.
///
/// # Checked by
/// `certificate::tests::world`, `certificate::tests::by_hand`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Union {
    /// The columns in each of which rows of different inputs differ.
    pub tags: Vec<usize>,
}

impl Derivation for Union {
    fn claim(&self, width: usize, inputs: &[Node]) -> Result<Claim, String> {
        let [first, _, ..] = inputs else { return these::<2>(inputs).map(|_| public(Vec::new())) };
        of_width(width, first.columns.len())?;
        self.tags.iter().try_for_each(|tag| in_range(*tag, width))?;
        let claims: Vec<&Claim> = inputs.iter().map(|input| &input.claim).collect();
        if inputs.iter().any(|input| input.columns.len() != width) {
            return Err("has inputs with different numbers of columns".to_owned());
        }
        let private = claims.iter().filter(|claim| claim.rows > 0).count();
        if private == 0 {
            return Ok(public(Vec::new()));
        }
        if private < claims.len() {
            return Err("mixes private and public inputs".to_owned());
        }
        let common = |role: fn(&Claim) -> Option<usize>| {
            let first = claims.first().copied().and_then(role)?;
            claims.iter().all(|claim| role(claim) == Some(first)).then_some(first)
        };
        let sum = |number: fn(&Claim) -> u64| {
            claims.iter().try_fold(0_u64, |sum, claim| sum.checked_add(number(claim))).ok_or_else(overflow)
        };
        let contribution = common(|claim| claim.contribution);
        let numbered = contribution.is_some();
        Ok(Claim {
            rows: sum(|claim| claim.rows)?,
            contributions: if numbered { sum(|claim| claim.contributions)? } else { 0 },
            per_contribution: if numbered { sum(|claim| claim.per_contribution)? } else { 0 },
            unit: common(|claim| claim.unit),
            contribution,
            unique: self.unique(&claims),
        })
    }
}

impl Union {
    /// Each tag, with each set that contains a unique set of every input (one of some input will do), where a single row has none.
    fn unique(&self, claims: &[&Claim]) -> Vec<Vec<usize>> {
        let sets = claims.iter().flat_map(|claim| claim.unique.clone()).chain([Vec::new()]);
        let tells = |set: &[usize]| claims.iter().all(|claim| claim.rows == 1 || contains_a_set(claim, set));
        let tagged = sets.flat_map(|set| self.tags.iter().map(move |tag| [set.as_slice(), &[*tag]].concat()));
        tagged.filter(|set| tells(set)).collect()
    }
}
