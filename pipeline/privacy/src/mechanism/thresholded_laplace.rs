//! Tables whose keys are private: noise, and only counts above a threshold are published.

use num_bigint::BigInt;
use num_traits::{CheckedDiv, One, Zero};
use rand::Rng;
use rand_distr::Distribution;

use super::DiscreteLaplace;
use crate::error::Error;
use crate::rational::Rational;

/// The largest threshold.
const LARGEST: u64 = 1 << 62;

/// A delta is a multiple of 10 to the power of minus this: the digits stand in ledgers, so they never change.
const DELTA_DIGITS: u32 = 30;

/// Exponentials are kept as multiples of 2 to the power of minus this.
const EXPONENTIAL_BITS: u32 = 256;

/// The series of e^y, for y up to 1, ends after so many terms.
const TERMS: u32 = 40;

/// An exponent of more than this is taken for this: e^-1000 is far below the grid of delta.
const STEEPEST: u64 = 1_000;

/// Adds discrete Laplace noise to the count of each key, and publishes it if the sum is *above* the threshold.
///
/// # Privacy
/// Let k be the L1 sensitivity, X the noise, tail(t) = P(X > t). *Claim:* (k / scale, delta) differential privacy with
/// delta = k max over 1 <= m <= k of tail(threshold - m) / m, if every key that is given has a count of at least 1. *Proof.*
/// Let x have the person and y not. Keys of both: each is a function of its own noisy count, so the probabilities of what
/// is published of them differ by a factor of at most e^(k / scale). Keys of x alone hold m_j >= 1 rows, all of the
/// person's, and the m_j add up to at most k; some is published with probability d <= sum tail(threshold - m_j) <=
/// sum m_j (delta / k) <= delta. Let C be what x publishes of the common keys. Then P(x in S) <= d + (1 - d) P(C in S)
/// and P(x in S) >= (1 - d) P(C in S), while P(C in S) and P(y in S) differ by at most the factor; so P(x in S) <= d +
/// e^(k / scale) P(y in S) and P(y in S) <= d + (1 - d) P(y in S) <= d + e^(k / scale) P(x in S). ∎ \[KKMN09, DVG20\]
///
/// # Checked by
/// `mechanism::thresholded_laplace::tests`, `release::tests::keys_*`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThresholdedLaplace {
    laplace: DiscreteLaplace,
    threshold: u64,
}

impl ThresholdedLaplace {
    /// A scale as of [`DiscreteLaplace::new`], and a threshold of at most 2^62.
    pub fn new(scale: Rational, threshold: u64) -> Result<Self, Error> {
        if threshold > LARGEST {
            return Err(Error::Parameter { name: "threshold", why: "be at most 2^62" });
        }
        Ok(Self { laplace: DiscreteLaplace::new(scale)?, threshold })
    }

    /// An upper bound on the delta of this scale and threshold for an L1 sensitivity of k; the threshold is at least k.
    ///
    /// # Privacy
    /// With q = e^(-1/scale), tail(t) = q^(t+1) / (1 + q) for t >= 0. The logarithm of tail(threshold - m) / m is m / scale -
    /// ln m and a constant: convex in m, so the maximum is at m = 1 or m = k, and delta = max(k q^threshold,
    /// q^(threshold - k + 1)) / (1 + q). Powers of q are rounded up, the q below the line down, and the result up.
    ///
    /// # Checked by
    /// `mechanism::thresholded_laplace::tests::delta_is_that_of_the_worst_partition`
    pub fn delta(scale: &Rational, k: u64, threshold: u64) -> Result<Rational, Error> {
        Self::new(scale.clone(), threshold)?;
        let refuse = || Error::Parameter { name: "threshold", why: "be at least L1, and so high that delta is below 1" };
        let above = threshold.checked_sub(k).and_then(|above| above.checked_add(1)).ok_or_else(refuse)?;
        let whole = |number: u64| Rational::from(BigInt::from(number));
        let over_scale = |number: u64| whole(number).checked_div(scale).ok_or_else(refuse);
        let one_row_each = whole(k) * decay_above(&over_scale(threshold)?);
        let all_in_one = decay_above(&over_scale(above)?);
        let delta = one_row_each.max(all_in_one) * inverse(&(Rational::one() + decay_below(&over_scale(1)?)));
        let grid = BigInt::from(10).pow(DELTA_DIGITS);
        let delta = Rational::new((delta * &grid).ceil().to_integer(), grid);
        if delta >= Rational::one() { Err(refuse()) } else { Ok(delta) }
    }

    /// The noise of that many keys.
    pub(super) fn noise<R: Rng + ?Sized>(&self, keys: usize, rng: &mut R) -> Vec<i64> {
        (&self.laplace).sample_iter(rng).take(keys).collect()
    }

    /// Whether a noisy count is published.
    pub(crate) fn publishes(&self, noisy: i64) -> bool {
        passes(self.threshold, noisy)
    }
}

/// Strictly above: the tail of the proof is that of >.
pub(super) fn passes(threshold: u64, noisy: i64) -> bool {
    u64::try_from(noisy).is_ok_and(|noisy| noisy > threshold)
}

/// An upper bound on e^-x, for x >= 0.
fn decay_above(x: &Rational) -> Rational {
    inverse(&exponential(x, false))
}

/// A lower bound on e^-x, for x >= 0.
fn decay_below(x: &Rational) -> Rational {
    if *x > Rational::from(BigInt::from(STEEPEST)) { Rational::zero() } else { inverse(&exponential(x, true)) }
}

/// A bound on e^x for x >= 0, from above or from below; for x above 1000 from below only.
///
/// # Privacy
/// e^x = (e^y)^(2^j) with y = x / 2^j <= 1, and e^y = 1 + y (1 + y/2 (1 + y/3 (...))), whose innermost bracket lies between 1 and
/// 2. All steps grow with what they are made of and are rounded the same way, so the result is on that side.
///
/// # Checked by
/// `mechanism::thresholded_laplace::tests::exponentials_are_bracketed`
fn exponential(x: &Rational, up: bool) -> Rational {
    let one = BigInt::one() << EXPONENTIAL_BITS;
    let divide = |number: BigInt, by: &BigInt| {
        let number = if up { number + by - 1 } else { number };
        number.checked_div(by).unwrap_or_default()
    };
    let x = x.clone().min(Rational::from(BigInt::from(STEEPEST)));
    let mut y = divide(x.numer() * &one, x.denom());
    let mut squarings = 0_u32;
    while y > one {
        y = divide(y, &BigInt::from(2));
        squarings = squarings.saturating_add(1);
    }
    let last = if up { &one * 2 } else { one.clone() };
    let series = (1..=TERMS).rev().fold(last, |sum, term| &one + divide(&y * sum, &(&one * term)));
    let power = (0..squarings).fold(series, |power, _| divide(&power * &power, &one));
    Rational::new(power, one)
}

/// 1 / number, for a number of at least 1.
fn inverse(number: &Rational) -> Rational {
    Rational::one().checked_div(number).unwrap_or_else(Rational::one)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rational::parse_decimal;
    use num_traits::ToPrimitive;
    use rand::SeedableRng;
    use rand::rngs::ChaCha20Rng;

    fn number(text: &str) -> Rational {
        parse_decimal(text).unwrap()
    }

    fn delta(scale: &str, k: u64, threshold: u64) -> Rational {
        ThresholdedLaplace::delta(&number(scale), k, threshold).unwrap()
    }

    /// P(X > t), summed from the point probabilities.
    fn tail(scale: f64, t: i64) -> f64 {
        let far = t.max(0) + (60.0 * scale) as i64 + 60;
        (t + 1..=far).map(|x| (0.5 / scale).tanh() * (-(x.unsigned_abs() as f64) / scale).exp()).sum()
    }

    /// The most that any way to spread at most k rows over keys of one's own can show.
    fn worst(scale: f64, threshold: i64, k: i64, largest: i64) -> f64 {
        let with = |m: i64| tail(scale, threshold - m) + worst(scale, threshold, k - m, m);
        (1..=k.min(largest)).map(with).fold(0.0, f64::max)
    }

    #[test]
    fn delta_is_that_of_the_worst_partition() {
        for (scale, k, thresholds) in [("1", 1, 1..12), ("3", 4, 10..40), ("9", 3, 40..60), ("2/3", 6, 7..14), ("1/4", 5, 6..9)] {
            for threshold in thresholds {
                let real = number(scale).to_f64().unwrap();
                let signed = i64::try_from(threshold).unwrap();
                let bound = delta(scale, k, threshold).to_f64().unwrap();
                let rows = i64::try_from(k).unwrap();
                // The formula of the claim, term by term.
                let formula = (1..=rows).map(|m| k as f64 * tail(real, signed - m) / m as f64).fold(0.0, f64::max);
                assert!((bound / formula - 1.0).abs() < 1e-9 || bound - formula < 2e-30, "{bound} against {formula}");
                let truth = worst(real, signed, rows, rows);
                assert!(truth <= bound * (1.0 + 1e-9), "scale {scale}, k {k}, threshold {threshold}: {truth} against {bound}");
                // All rows in one key, or one in each, are partitions: the bound is attained.
                assert!(
                    truth >= bound * (1.0 - 1e-9) - 2e-30,
                    "scale {scale}, k {k}, threshold {threshold}: {truth} against {bound}"
                );
            }
        }
    }

    /// The tail is that of >: with >= it would be too small by the factor e^(1/scale). Drawn, and in the bound.
    #[test]
    fn the_published_share_is_delta() {
        let (scale, threshold, draws) = ("2", 5, 400_000_u32);
        let mechanism = ThresholdedLaplace::new(number(scale), threshold).unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let noise = mechanism.noise(usize::try_from(draws).unwrap(), &mut rng);
        let published = noise.iter().filter(|noise| mechanism.publishes(1 + **noise)).count();
        let or_equal = noise.iter().filter(|noise| 1 + **noise >= 5).count();
        let bound = delta(scale, 1, threshold).to_f64().unwrap();
        let deviation = (bound / f64::from(draws)).sqrt();
        assert!((published as f64 / f64::from(draws) - bound).abs() < 5.0 * deviation, "{published}");
        assert!(or_equal as f64 / f64::from(draws) > bound + 20.0 * deviation, "{or_equal}");
        assert!(!mechanism.publishes(5) && mechanism.publishes(6) && !mechanism.publishes(-6) && mechanism.publishes(i64::MAX));
    }

    #[test]
    fn delta_is_rounded_up_and_monotone() {
        let deltas: Vec<Rational> = (10..300).map(|threshold| delta("9", 3, threshold)).collect();
        assert!(deltas.windows(2).all(|pair| pair[0] > pair[1]));
        let least = Rational::new(1.into(), BigInt::from(10).pow(30));
        assert_eq!(delta("1", 1, 1_000_000), least);
        assert_eq!(delta("1/18446744073709551615", 1, 1), least);
        assert!(ThresholdedLaplace::delta(&number("9"), 3, 2).is_err(), "below L1");
        assert!(ThresholdedLaplace::delta(&number("100"), 30, 30).is_err(), "delta is not below 1");
        assert!(ThresholdedLaplace::new(number("1"), (1 << 62) + 1).is_err() && ThresholdedLaplace::new(number("0"), 1).is_err());
        // The digits stand in ledgers.
        assert_eq!(delta("9", 3, 130), number(GOLDEN));
    }

    const GOLDEN: &str = "0.000000844124199409970190543677";

    #[test]
    fn exponentials_are_bracketed() {
        for text in ["0", "1e-9", "1/3", "1", "1.5", "10", "333.3", "700"] {
            let (below, above) = (exponential(&number(text), false), exponential(&number(text), true));
            let truth = number(text).to_f64().unwrap().exp();
            assert!(below <= above && &above - &below <= &above * number("1e-40"), "{text}");
            let close = (below.to_f64().unwrap() / truth - 1.0).abs() < 1e-12;
            assert!(close && (text == "0" || below < above), "{text}");
        }
        // e to sixty digits lies between.
        let e = number("2.718281828459045235360287471352662497757247093699959574966967");
        let digit = number("1e-60");
        assert!(exponential(&number("1"), false) < e && exponential(&number("1"), true) > &e + &digit);
        assert!(decay_above(&number("1")) * &e > number("1") && decay_below(&number("1")) * (e + digit) < number("1"));
        assert!(decay_below(&number("1001")).is_zero() && decay_above(&number("1001")) == decay_above(&number("1000")));
        assert_eq!(exponential(&number("1e9"), false), exponential(&number("1000"), false));
    }
}
