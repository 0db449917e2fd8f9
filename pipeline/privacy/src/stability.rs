//! From rows to cells: how many rows one person owns, and what that does to a table of counts.

use crate::error::Error;
use crate::metric::Sensitivity;

/// The most rows by which the inputs of a query differ between two neighbours.
///
/// # Privacy
/// A person's rows are capped before they are counted (`contribution <= k`), so k bounds the symmetric difference of
/// the two inputs. Row-local steps (filter, projection) cannot raise it; the other steps are the methods here.
///
/// # Checked by
/// `stability::tests::steps_multiply_and_add`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stability {
    rows: u64,
}

impl Stability {
    /// One person owns at most `rows` rows, at least one.
    pub fn new(rows: u64) -> Result<Self, Error> {
        if rows == 0 {
            return Err(Error::Request("a person's number of rows is at least 1"));
        }
        Ok(Self { rows })
    }

    /// The bound on one person's rows.
    pub fn rows(self) -> u64 {
        self.rows
    }

    /// Each row becomes at most `factor` rows, as in a join with a public table.
    ///
    /// # Privacy
    /// A function of single rows maps k differing rows to at most `factor * k`.
    pub fn multiply(self, factor: u64) -> Result<Self, Error> {
        let rows = self.rows.checked_mul(factor).ok_or(Error::Overflow("a person's number of rows"))?;
        Self::new(rows)
    }

    /// Joins two private inputs on a key that includes the person.
    ///
    /// # Privacy
    /// A person's rows meet only rows of the same person: at most `a * b` pairs, and no other person's pair changes.
    pub fn join(self, other: Self) -> Result<Self, Error> {
        self.multiply(other.rows)
    }

    /// Puts two private inputs one below the other (UNION ALL).
    ///
    /// # Privacy
    /// The symmetric differences add.
    pub fn union(self, other: Self) -> Result<Self, Error> {
        let rows = self.rows.checked_add(other.rows).ok_or(Error::Overflow("a person's number of rows"))?;
        Self::new(rows)
    }

    /// The sensitivity of a table of counts when a person's rows may share a cell.
    ///
    /// # Privacy
    /// k rows add k to the cells in all: L1 = k. The L2 norm is greatest when all fall in one cell: L2 = k. (Rows of
    /// the two neighbours only add, so the signs agree.) The vector may be that of several tables at once only if the
    /// k rows are spread over them; for a row that is counted in each of t tables, charge each table.
    ///
    /// # Checked by
    /// `stability::tests::counts_by_exhaustion`
    pub fn sensitivity_of_counts(self) -> Result<Sensitivity, Error> {
        let square = self.rows.checked_mul(self.rows).ok_or(Error::Overflow("a sensitivity"))?;
        Sensitivity::new(self.rows, square)
    }

    /// The sensitivity of a table of counts when the keys force a person's rows into distinct cells.
    ///
    /// # Privacy
    /// k cells move by one each: L1 = k, L2^2 = k.
    ///
    /// # Checked by
    /// `stability::tests::counts_by_exhaustion`
    pub fn sensitivity_of_distinct_cells(self) -> Result<Sensitivity, Error> {
        Sensitivity::new(self.rows, self.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_multiply_and_add() {
        let three = Stability::new(3).unwrap();
        let two = Stability::new(2).unwrap();
        assert_eq!(three.join(two).unwrap().rows(), 6);
        assert_eq!(three.union(two).unwrap().rows(), 5);
        assert_eq!(three.multiply(4).unwrap().rows(), 12);
        let most = Stability::new(u64::MAX).unwrap();
        assert!(most.join(two).is_err() && most.union(two).is_err() && most.sensitivity_of_counts().is_err());
        assert!(Stability::new(0).is_err() && three.multiply(0).is_err());
    }

    /// Every way to place a person's rows in four cells: the bounds hold and are attained.
    #[test]
    fn counts_by_exhaustion() {
        for k in 1..=4_u32 {
            let stability = Stability::new(k.into()).unwrap();
            let (mut any, mut distinct) = ((0, 0), (0, 0));
            for placement in 0..4_u64.pow(k) {
                let mut cells = [0_u64; 4];
                for row in 0..k {
                    cells[usize::try_from(placement / 4_u64.pow(row) % 4).unwrap()] += 1;
                }
                let norms = (cells.iter().sum::<u64>(), cells.iter().map(|c| c * c).sum::<u64>());
                any = (any.0.max(norms.0), any.1.max(norms.1));
                if cells.iter().all(|c| *c <= 1) {
                    distinct = (distinct.0.max(norms.0), distinct.1.max(norms.1));
                }
            }
            assert_eq!(stability.sensitivity_of_counts().unwrap(), Sensitivity::new(any.0, any.1).unwrap());
            assert_eq!(stability.sensitivity_of_distinct_cells().unwrap(), Sensitivity::new(distinct.0, distinct.1).unwrap());
        }
    }
}
