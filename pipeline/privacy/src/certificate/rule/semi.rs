//! EXISTS and IN: keeping the rows that have a partner, or have none.

use super::{Derivation, joins_units, of_width, pairs_in_range, these};
use crate::certificate::{Claim, Node};

/// The left rows for which there is, or with `anti` is not, a row of the second input that agrees in `on`.
///
/// # Privacy
/// Left rows only disappear. With a public second input that is row-local. With a private one, `on` contains (unit,
/// unit): whether a row stays depends on rows of its own person, so all other rows are as without the person. A
/// public left with a private second input would depend on persons without showing it, and is refused.
///
/// # Checked by
/// `certificate::tests::world`, `certificate::tests::by_hand`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Semi {
    /// Pairs of a left and a second column that must be equal.
    pub on: Vec<(usize, usize)>,
    /// Keep the rows that have no partner.
    pub anti: bool,
}

impl Derivation for Semi {
    fn claim(&self, width: usize, inputs: &[Node]) -> Result<Claim, String> {
        let [left, second] = these(inputs)?;
        let Self { on, anti: _ } = self;
        of_width(width, left.columns.len())?;
        pairs_in_range(left, second, on)?;
        if second.claim.rows > 0 {
            if left.claim.rows == 0 {
                return Err("makes a public relation depend on a private one".to_owned());
            }
            if !joins_units(&left.claim, &second.claim, on) {
                return Err("does not compare the persons of its two private inputs".to_owned());
            }
        }
        Ok(left.claim.clone())
    }
}
