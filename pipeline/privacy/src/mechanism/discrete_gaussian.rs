//! The discrete Gaussian distribution, exactly.

use num_bigint::BigInt;
use num_traits::{One, Signed, ToPrimitive};
use rand::Rng;
use rand_distr::Distribution;

use crate::error::Error;
use crate::rational::Rational;
use crate::sample::{self, Fraction};

/// The largest variance: sigma is at most 2^48.
const LARGEST: u128 = 1 << 96;

/// Draws X with P(X = x) proportional to e^(-x^2 / (2 sigma^2)), exactly and with integers only.
///
/// # Privacy
/// \[CKS20, Algorithm 3\]: a discrete Laplace proposal Y of integer scale t = floor(sigma) + 1 is accepted with
/// probability exp(-(|Y| - sigma^2/t)^2 / (2 sigma^2)). Since
/// e^(-|y|/t) e^(-(|y| - sigma^2/t)^2 / (2 sigma^2)) = e^(-y^2 / (2 sigma^2)) e^(-sigma^2 / (2 t^2)) and the last factor is
/// constant, an accepted Y has the stated distribution. A result outside the integers of 64 bits, of probability below
/// e^(-2^28), becomes the nearest of them, which is post-processing; proposals are never cut.
///
/// # Checked by
/// `tests/samplers.rs::gaussian_*` (chi-square), `mechanism::discrete_gaussian::tests::both_widths_agree`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscreteGaussian {
    /// The variance is `a / b` in lowest terms.
    a: u128,
    b: u128,
    /// The scale of the proposal, floor(sigma) + 1.
    t: u64,
}

impl DiscreteGaussian {
    /// A variance above zero and at most 2^96, written with a numerator and a denominator below 2^128.
    pub fn new(variance: Rational) -> Result<Self, Error> {
        let refuse = || Error::Parameter {
            name: "variance",
            why: "be above 0 and at most 2^96, with numerator and denominator below 2^128; round it up to fewer digits",
        };
        let largest = Rational::from_integer(LARGEST.into());
        if !variance.is_positive() || variance > largest {
            return Err(refuse());
        }
        let a = variance.numer().to_u128().ok_or_else(refuse)?;
        let b = variance.denom().to_u128().ok_or_else(refuse)?;
        // floor(sqrt(a / b)) = floor(sqrt(floor(a / b))): an integer is below one exactly if it is below the other.
        let root = a.checked_div(b).ok_or_else(refuse)?.isqrt();
        let t = u64::try_from(root).ok().and_then(|root| root.checked_add(1)).ok_or_else(refuse)?;
        Ok(Self { a, b, t })
    }

    /// (|y| - sigma^2/t)^2 / (2 sigma^2) = (|y| b t - a)^2 / (2 a b t^2).
    fn exponent(&self, y: u128) -> Fraction {
        self.exponent_small(y).unwrap_or_else(|| self.exponent_large(y))
    }

    /// The exponent in 128 bits, if every step fits.
    fn exponent_small(&self, y: u128) -> Option<Fraction> {
        let t = u128::from(self.t);
        let bt = self.b.checked_mul(t)?;
        let difference = y.checked_mul(bt)?.abs_diff(self.a);
        let n = difference.checked_mul(difference)?;
        let d = self.a.checked_mul(2)?.checked_mul(bt)?.checked_mul(t)?;
        Some(Fraction::Small { n, d })
    }

    /// The same exponent in unbounded integers.
    fn exponent_large(&self, y: u128) -> Fraction {
        let (a, b, t) = (BigInt::from(self.a), BigInt::from(self.b), BigInt::from(self.t));
        let bt = &b * &t;
        let difference = BigInt::from(y) * &bt - &a;
        let n = &difference * &difference;
        let d = (BigInt::one() + BigInt::one()) * a * bt * t;
        Fraction::Large { n, d }
    }
}

impl Distribution<i64> for DiscreteGaussian {
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> i64 {
        loop {
            let (negative, magnitude) = sample::laplace(self.t, 1, rng);
            if sample::bernoulli_exp(&self.exponent(magnitude), rng) {
                return sample::saturate(negative, magnitude);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rational::parse_decimal;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    fn gaussian(variance: &str) -> DiscreteGaussian {
        DiscreteGaussian::new(parse_decimal(variance).unwrap()).unwrap()
    }

    /// The 128-bit path and the unbounded path take the same decisions from the same random words.
    #[test]
    fn both_widths_agree() {
        for variance in ["20", "0.3", "41/2", "1234.5678"] {
            let distribution = gaussian(variance);
            for y in 0..200 {
                let small = distribution.exponent_small(y).unwrap();
                let large = distribution.exponent_large(y);
                for seed in 0..20 {
                    let (mut one, mut other) = (ChaCha20Rng::seed_from_u64(seed), ChaCha20Rng::seed_from_u64(seed));
                    let (left, right) = (sample::bernoulli_exp(&small, &mut one), sample::bernoulli_exp(&large, &mut other));
                    assert_eq!(left, right, "variance {variance}, y {y}");
                    assert_eq!(one.next_u64(), other.next_u64(), "the same words were used");
                }
            }
        }
    }

    #[test]
    fn long_fractions_take_the_unbounded_path() {
        // 20 + 1e-30: numerator and denominator of 100 bits.
        let distribution = gaussian("20.000000000000000000000000000001");
        assert!(distribution.exponent_small(3).is_none());
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        let draws: Vec<i64> = (&distribution).sample_iter(&mut rng).take(20_000).collect();
        let square: i64 = draws.iter().map(|x| x * x).sum();
        assert!((19.0..21.0).contains(&(square as f64 / 20_000.0)), "{square}");
    }

    #[test]
    fn the_proposal_scale_is_above_sigma() {
        for (variance, t) in
            [("0.1", 1), ("1", 2), ("3.99", 2), ("4", 3), ("20.5", 5), ("79228162514264337593543950336", (1 << 48) + 1)]
        {
            assert_eq!(gaussian(variance).t, t, "{variance}");
        }
    }

    #[test]
    fn the_widest_parameters_can_be_drawn() {
        let mut rng = ChaCha20Rng::seed_from_u64(8);
        let widest = gaussian("79228162514264337593543950336");
        let tiny = gaussian("1e-38");
        for _ in 0..100 {
            assert!(widest.sample(&mut rng).unsigned_abs() < 1 << 60);
            assert_eq!(tiny.sample(&mut rng), 0);
        }
    }
}
