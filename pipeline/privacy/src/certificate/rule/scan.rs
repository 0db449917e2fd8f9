//! Reading a table: the only rules without inputs.

use std::collections::BTreeSet;

use super::{Derivation, in_range, overflow, public, these};
use crate::certificate::{Claim, Node, PublicKey};

/// A private table, bounded: `contribution <= contributions`, and `ordinal <= rows` for a child table.
///
/// # Privacy
/// Numbers begin at 1. In a parent table (`rows` is `None`) a person's rows differ in `contribution`, and in
/// (`project`, `second`), second being the person's period number within the project: at most `contributions` rows. In
/// a child table they differ in (`contribution`, `second`), second being the ordinal: at most `contributions * rows`,
/// and `rows` for each contribution. A child's `project` is not used.
///
/// # Checked by
/// `certificate::tests::world`, `certificate::tests::by_hand`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanPrivate {
    /// The table.
    pub table: String,
    /// The bound on a person's participations.
    pub contributions: u64,
    /// For a child table, the bound on the rows of one participation.
    pub rows: Option<u64>,
    /// The column of the person.
    pub unit: usize,
    /// The column of the participation's number.
    pub contribution: usize,
    /// The column that numbers the periods in a project, or the rows of a participation.
    pub second: usize,
    /// The column of the project, in a parent table.
    pub project: Option<usize>,
}

impl Derivation for ScanPrivate {
    fn claim(&self, width: usize, inputs: &[Node]) -> Result<Claim, String> {
        let [] = these(inputs)?;
        let Self { table: _, contributions, rows, unit, contribution, second, project } = *self;
        let named: Vec<usize> = [unit, contribution, second].into_iter().chain(project).collect();
        named.iter().try_for_each(|column| in_range(*column, width))?;
        if named.iter().collect::<BTreeSet<_>>().len() != named.len() {
            return Err("gives one column two meanings".to_owned());
        }
        let per_contribution = rows.unwrap_or(1);
        let rows_in_all = contributions.checked_mul(per_contribution).ok_or_else(overflow)?;
        if rows_in_all == 0 {
            return Err("bounds a person to no rows".to_owned());
        }
        let unique = match (rows, project) {
            (None, None) => vec![vec![contribution]],
            (None, Some(project)) => vec![vec![contribution], vec![project, second]],
            (Some(_), _) => vec![vec![contribution, second]],
        };
        Ok(Claim {
            rows: rows_in_all,
            contributions,
            per_contribution,
            unit: Some(unit),
            contribution: Some(contribution),
            unique,
        })
    }
}

/// A public table whose rows all differ in `key`.
///
/// # Privacy
/// It is the same for both neighbours. That its rows differ in the key can be seen from `stated`, with the table at hand.
///
/// # Checked by
/// `certificate::tests::world`, `certificate::tests::by_hand`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanPublic {
    /// The table.
    pub table: String,
    /// The columns of its declared unique key, at least one.
    pub key: Vec<usize>,
    /// What the table had in these columns. Certificates of the first format do not state it.
    pub stated: Option<PublicKey>,
}

impl Derivation for ScanPublic {
    fn claim(&self, width: usize, inputs: &[Node]) -> Result<Claim, String> {
        let [] = these(inputs)?;
        let Self { table: _, key, stated: _ } = self;
        key.iter().try_for_each(|column| in_range(*column, width))?;
        if key.is_empty() {
            return Err("names no key".to_owned());
        }
        Ok(public(vec![key.to_vec()]))
    }
}
