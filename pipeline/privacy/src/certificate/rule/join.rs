//! Pairs of rows of two relations.

use super::{Derivation, contains_a_set, joins_units, of_width, overflow, pairs_in_range, public, these};
use crate::certificate::{Claim, Node};

/// Pairs of a left and a right row that agree in `on`; the columns of the left and then those of the right.
///
/// An inner join may have further row-local conditions. A left join keeps left rows without a partner, with nulls.
///
/// # Privacy
/// *Covered* is a side if its columns in `on`, the unit left out, contain one of its unique sets: a row of the other
/// side then meets at most one of its rows (of the person, if private). *Sets*: two results that agree in a left set
/// come from one left row; if the right is covered, that has one result. Likewise right sets, if the left is covered
/// and the join is inner (a left join may give many rows of nulls). Two results that agree in a left and a right set
/// come from one pair, or are one row without partner. These hold among all rows if both sides are public, and among
/// the rows of one person otherwise.
///
/// *Public with public* is public. *Private with public*: the public side must be covered, and a left join must keep
/// the private side; then each row becomes at most one, and claims of rows stay. *Private with private*: `on`
/// must contain (unit, unit), so rows meet rows of the same person only, and a person's results come and go with the
/// person. Each bound on rows holds: all pairs, `l r`; if the right is covered, `l`; if the join is inner and the left
/// covered, `r`. For one value of the left contribution, its `p` rows give at most `p r` results, or `p` if the
/// right is covered; if `on` contains (contribution, contribution), they meet at most `q` rows of that contribution:
/// `p q`, or `q` if the join is inner and the left covered. The values are those of the left, and with that pair of
/// an inner join also of the right; their number times the bound for each bounds the rows. (A left row without
/// partner gives one result, and all of these numbers are at least 1.)
///
/// # Checked by
/// `certificate::tests::world`, `certificate::tests::by_hand`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    /// Pairs of a left and a right column that must be equal.
    pub on: Vec<(usize, usize)>,
    /// Inner or left.
    pub kind: JoinKind,
}

/// Which rows a join keeps.
///
/// # Privacy
/// A left join keeps rows without a partner, so a bound by the number of right rows does not hold for it.
///
/// # Checked by
/// `certificate::tests::by_hand::joins_of_private_tables`, `certificate::tests::by_hand::joins_with_public_tables`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinKind {
    /// Pairs only.
    Inner,
    /// Pairs, and every left row without a partner, with nulls.
    Left,
}

/// The two sides, and what `on` says about them.
struct Sides<'a> {
    left: &'a Claim,
    right: &'a Claim,
    /// The right side's place among the columns of the output.
    shift: usize,
    inner: bool,
    left_covered: bool,
    right_covered: bool,
}

impl Derivation for Join {
    fn claim(&self, width: usize, inputs: &[Node]) -> Result<Claim, String> {
        let [left, right] = these(inputs)?;
        let on = &self.on;
        of_width(width, left.columns.len().saturating_add(right.columns.len()))?;
        pairs_in_range(left, right, on)?;
        // Unique sets do not contain the person, so whether `on` does makes no difference here.
        let (left_columns, right_columns): (Vec<usize>, Vec<usize>) = on.iter().copied().unzip();
        let sides = Sides {
            left: &left.claim,
            right: &right.claim,
            shift: left.columns.len(),
            inner: self.kind == JoinKind::Inner,
            left_covered: contains_a_set(&left.claim, &left_columns),
            right_covered: contains_a_set(&right.claim, &right_columns),
        };
        let uncovered = || Err("does not cover a unique set of its public side".to_owned());
        match (left.claim.rows > 0, right.claim.rows > 0) {
            (false, false) => Ok(public(sides.unique())),
            (true, false) if !sides.right_covered => uncovered(),
            (true, false) => Ok(left.claim.clone()),
            (false, true) if !sides.inner => Err("keeps the rows of its public side".to_owned()),
            (false, true) if !sides.left_covered => uncovered(),
            (false, true) => Ok(Claim {
                unit: right.claim.unit.map(|column| sides.shifted(column)),
                contribution: right.claim.contribution.map(|column| sides.shifted(column)),
                unique: sides.right_sets(),
                ..right.claim.clone()
            }),
            (true, true) if !joins_units(&left.claim, &right.claim, on) => {
                Err("does not compare the persons of its two private sides".to_owned())
            }
            (true, true) => sides.of_persons(on),
        }
    }
}

impl Sides<'_> {
    /// A column of the right side in the output. The lengths of two lists in memory do not add up beyond a `usize`.
    fn shifted(&self, column: usize) -> usize {
        column.saturating_add(self.shift)
    }

    fn right_sets(&self) -> Vec<Vec<usize>> {
        self.right.unique.iter().map(|set| set.iter().map(|column| self.shifted(*column)).collect()).collect()
    }

    /// The unique sets of the result, if both sides are public or both private.
    fn unique(&self) -> Vec<Vec<usize>> {
        let right = self.right_sets();
        let both =
            |one: &Vec<usize>| right.iter().map(move |other| [one.as_slice(), other.as_slice()].concat()).collect::<Vec<_>>();
        let mut sets: Vec<Vec<usize>> = self.left.unique.iter().flat_map(both).collect();
        if self.right_covered {
            sets.extend(self.left.unique.iter().cloned());
        }
        if self.inner && self.left_covered {
            sets.extend(right);
        }
        sets
    }

    /// Two private sides that meet within a person.
    fn of_persons(&self, on: &[(usize, usize)]) -> Result<Claim, String> {
        let (left, right) = (self.left, self.right);
        let by_contribution = left.contribution.zip(right.contribution).is_some_and(|pair| on.contains(&pair));
        // All pairs, at most one for each row of the left, at most one for each of the right.
        let limit = |pairs: u64, of_left: u64, of_right: u64| {
            let bound = if self.right_covered { pairs.min(of_left) } else { pairs };
            if self.inner && self.left_covered { bound.min(of_right) } else { bound }
        };
        let product = left.rows.checked_mul(right.rows).ok_or_else(overflow)?;
        let mut rows = limit(product, left.rows, right.rows);
        let (mut contributions, mut per_contribution) = (0, 0);
        if by_contribution {
            contributions = if self.inner { left.contributions.min(right.contributions) } else { left.contributions };
            let pairs = left.per_contribution.checked_mul(right.per_contribution).ok_or_else(overflow)?;
            per_contribution = limit(pairs, left.per_contribution, right.per_contribution);
            rows = rows.min(contributions.checked_mul(per_contribution).ok_or_else(overflow)?);
        } else if left.contribution.is_some() {
            contributions = left.contributions;
            let pairs = left.per_contribution.checked_mul(right.rows).ok_or_else(overflow)?;
            per_contribution = if self.right_covered { left.per_contribution } else { pairs };
        }
        Ok(Claim {
            rows,
            contributions,
            per_contribution,
            unit: left.unit,
            contribution: left.contribution,
            unique: self.unique(),
        })
    }
}
