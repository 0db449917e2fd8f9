//! The discrete Laplace distribution, exactly.

use num_traits::{Signed, ToPrimitive};
use rand::Rng;
use rand_distr::Distribution;

use crate::error::Error;
use crate::rational::Rational;
use crate::sample;

/// The largest scale: beyond it the noise itself could leave the integers of 64 bits.
const LARGEST: u64 = 1 << 48;

/// Draws X with P(X = x) = (1 - e^(-1/scale)) / (1 + e^(-1/scale)) * e^(-|x|/scale), exactly and with integers only.
///
/// # Privacy
/// \[CKS20, Algorithm 2\]; the proof is at `sample::laplace`, the cost at
/// [`Mechanism::loss`](crate::Mechanism::loss). A result outside the integers of 64 bits, of probability below
/// e^(-2^14), becomes the nearest of them, which is post-processing.
///
/// # Checked by
/// `tests/samplers.rs::laplace_*` (chi-square), `sample::tests::laplace_by_hand`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscreteLaplace {
    /// The scale is `t / s` in lowest terms.
    t: u64,
    s: u64,
}

impl DiscreteLaplace {
    /// A scale above zero and at most 2^48, written with a numerator and a denominator below 2^64.
    pub fn new(scale: Rational) -> Result<Self, Error> {
        let largest = Rational::from_integer(LARGEST.into());
        let parts = (scale.numer().to_u64(), scale.denom().to_u64());
        match parts {
            (Some(t), Some(s)) if scale.is_positive() && scale <= largest => Ok(Self { t, s }),
            (_, _) => Err(Error::Parameter {
                name: "scale",
                why: "be above 0 and at most 2^48, with numerator and denominator below 2^64; round it up to fewer digits",
            }),
        }
    }
}

impl Distribution<i64> for DiscreteLaplace {
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> i64 {
        let (negative, magnitude) = sample::laplace(self.t, self.s, rng);
        sample::saturate(negative, magnitude)
    }
}
