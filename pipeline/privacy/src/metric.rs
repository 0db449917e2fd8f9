//! How far one person can move a vector of integers, in the two norms that the mechanisms ask for.

use crate::error::Error;

/// The greatest L1 distance, and the greatest squared L2 distance, between a table's vectors on two neighbours.
///
/// # Privacy
/// The squared L2 norm is kept, for it is an integer where the norm is not. Of an integer vector v every entry obeys
/// |v_i| <= v_i^2, so l1 <= l2_squared; and sum v_i^2 <= (sum |v_i|)^2, so l2_squared <= l1^2. A pair outside these
/// bounds is a mistake of whoever derived it, and is refused. So is zero: a table that nobody can move is not private.
///
/// # Checked by
/// `metric::tests::norms_of_integer_vectors`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sensitivity {
    l1: u64,
    l2_squared: u64,
}

impl Sensitivity {
    /// A pair of norms that an integer vector can have, both bounds attained or not.
    pub fn new(l1: u64, l2_squared: u64) -> Result<Self, Error> {
        if l1 == 0 || l2_squared < l1 || u128::from(l2_squared) > u128::from(l1).saturating_mul(l1.into()) {
            return Err(Error::Sensitivity { l1, l2_squared });
        }
        Ok(Self { l1, l2_squared })
    }

    /// The L1 norm: governs the discrete Laplace mechanism.
    pub fn l1(self) -> u64 {
        self.l1
    }

    /// The square of the L2 norm: governs the discrete Gaussian mechanism.
    pub fn l2_squared(self) -> u64 {
        self.l2_squared
    }

    /// Whether whoever moves a vector no further than `other` moves it no further than this, in both norms.
    pub fn covers(self, other: Self) -> bool {
        self.l1 >= other.l1 && self.l2_squared >= other.l2_squared
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn norms_of_integer_vectors() {
        for (l1, l2_squared) in [(1, 1), (3, 3), (3, 9), (3, 5), (u64::from(u32::MAX), u64::MAX - 2 * u64::from(u32::MAX))] {
            let sensitivity = Sensitivity::new(l1, l2_squared).unwrap();
            assert_eq!((sensitivity.l1(), sensitivity.l2_squared()), (l1, l2_squared));
        }
        let of = |(l1, l2_squared)| Sensitivity::new(l1, l2_squared).unwrap();
        assert!(of((3, 5)).covers(of((3, 5))) && of((3, 5)).covers(of((2, 4))));
        assert!(!of((3, 5)).covers(of((4, 5))) && !of((3, 5)).covers(of((3, 6))));
        for (l1, l2_squared) in [(0, 0), (0, 1), (1, 0), (3, 2), (3, 10), (u64::MAX, 1)] {
            assert!(Sensitivity::new(l1, l2_squared).is_err(), "{l1} {l2_squared}");
        }
    }
}
