//! The exponential mechanism, exactly: one of several candidates, the better the likelier.

use num_traits::{Signed, ToPrimitive};
use rand::Rng;

use crate::error::Error;
use crate::rational::Rational;
use crate::sample::{self, Fraction};

/// The largest scale, as for noise.
const LARGEST: u64 = 1 << 48;

/// The most candidates: a choice takes at most so many trials in expectation.
const MAXIMUM_CANDIDATES: u64 = 100_000;

/// Chooses candidate c with probability proportional to e^(u(c) / scale), exactly and with integers only.
///
/// # Privacy
/// A candidate is drawn uniformly and accepted with probability e^(-(max u - u(c)) / scale), until one is: an accepted
/// one has the stated distribution. The best is always accepted, so a trial succeeds with probability at least 1 /
/// candidates. A gap of two scores is below 2^64, and so is the denominator of the scale: their product fits in 128 bits. What
/// the choice costs is at [`Mechanism::loss`](crate::Mechanism::loss). *How long it takes depends on the scores.*
///
/// # Checked by
/// `tests/samplers.rs::exponential_*` (chi-square), `mechanism::exponential::tests`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exponential {
    candidates: u64,
    /// The scale is `t / s` in lowest terms.
    t: u64,
    s: u64,
}

impl Exponential {
    /// 2 to 100,000 candidates; a scale above zero and at most 2^48, with numerator and denominator below 2^64.
    pub fn new(candidates: u64, scale: &Rational) -> Result<Self, Error> {
        if !(2..=MAXIMUM_CANDIDATES).contains(&candidates) {
            return Err(Error::Parameter { name: "candidates", why: "be 2 to 100,000" });
        }
        match (scale.numer().to_u64(), scale.denom().to_u64()) {
            (Some(t), Some(s)) if scale.is_positive() && *scale <= Rational::from_integer(LARGEST.into()) => {
                Ok(Self { candidates, t, s })
            }
            (_, _) => Err(Error::Parameter {
                name: "scale",
                why: "be above 0 and at most 2^48, with numerator and denominator below 2^64; round it up to fewer digits",
            }),
        }
    }

    /// The place of the chosen candidate. There is one score for each.
    pub fn choose<R: Rng + ?Sized>(&self, scores: &[i64], rng: &mut R) -> Result<i64, Error> {
        let refuse = || Error::Parameter { name: "scores", why: "be one for each candidate" };
        if u64::try_from(scores.len()) != Ok(self.candidates) {
            return Err(refuse());
        }
        let best = scores.iter().max().ok_or_else(refuse)?;
        loop {
            let place = sample::below(self.candidates.into(), rng);
            let score = usize::try_from(place).ok().and_then(|place| scores.get(place)).ok_or_else(refuse)?;
            if sample::bernoulli_exp(&self.exponent(best.abs_diff(*score)), rng) {
                return i64::try_from(place).map_err(|_| refuse());
            }
        }
    }

    /// A choice for each cell, whose scores follow each other.
    pub(crate) fn choose_all<R: Rng + ?Sized>(&self, scores: &[i64], rng: &mut R) -> Result<Vec<i64>, Error> {
        // At least two and at most 100,000, so a `usize` holds it and a chunk is not empty.
        let candidates = usize::try_from(self.candidates).unwrap_or(usize::MAX).max(1);
        scores.chunks(candidates).map(|cell| self.choose(cell, rng)).collect()
    }

    /// gap / scale. The product of two integers below 2^64 does not saturate.
    fn exponent(&self, gap: u64) -> Fraction {
        Fraction::Small { n: u128::from(gap).saturating_mul(self.s.into()), d: self.t.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rational::parse_decimal;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    fn exponential(candidates: u64, scale: &str) -> Exponential {
        Exponential::new(candidates, &parse_decimal(scale).unwrap()).unwrap()
    }

    /// Scores at both ends of the integers neither wrap nor hang: the best is chosen, and of two best either.
    #[test]
    fn enormous_gaps_are_never_crossed() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        for scale in ["1/18446744073709551615", "1/3", "1000", "281474976710656"] {
            let chooser = exponential(4, scale);
            let scores = [i64::MIN, i64::MAX, i64::MIN + 1, i64::MAX];
            let chosen: Vec<i64> = (0..200).map(|_| chooser.choose(&scores, &mut rng).unwrap()).collect();
            // At the widest scale the gap is 2^16 scales.
            assert!(chosen.contains(&1) && chosen.contains(&3) && chosen.iter().all(|place| place % 2 == 1), "{scale}");
        }
        // At the narrowest, a gap of one is 2^64 - 1 scales.
        let narrow = exponential(2, "1/18446744073709551615");
        assert!((0..200).all(|_| narrow.choose(&[i64::MAX, i64::MAX - 1], &mut rng).unwrap() == 0));
        let exponent = narrow.exponent(u64::MAX);
        assert!(matches!(exponent, Fraction::Small { n, d: 1 } if n == u128::from(u64::MAX) * u128::from(u64::MAX)));
    }

    #[test]
    fn a_single_peak_among_many_is_found() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let mut scores = vec![0; 100_000];
        scores[77_777] = 1_000_000;
        assert_eq!(exponential(100_000, "1").choose(&scores, &mut rng).unwrap(), 77_777);
    }

    #[test]
    fn parameters_and_scores_are_checked() {
        for (candidates, scale) in [(0, "1"), (1, "1"), (100_001, "1"), (2, "0"), (2, "281474976710657"), (2, "1e-20")] {
            assert!(Exponential::new(candidates, &parse_decimal(scale).unwrap()).is_err(), "{candidates} {scale}");
        }
        assert!(Exponential::new(2, &-parse_decimal("1").unwrap()).is_err());
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        for scores in [&[][..], &[1], &[1, 2, 3]] {
            assert!(exponential(2, "1").choose(scores, &mut rng).is_err());
        }
    }
}
