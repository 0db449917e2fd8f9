//! Exact sampling with integers: the building blocks of \[CKS20\], Algorithms 1 and 2.
//!
//! Every function consumes random words of 64 bits and takes decisions that have exactly the stated probability; no
//! float occurs. A generator that is seeded by hand can drive a sampler but cannot lead to a `Release`:
//! [`Grant::draw`](crate::Grant::draw) takes no generator and makes its own from [`system_rng`].

use num_bigint::{BigInt, Sign};
use num_traits::ToPrimitive;
use rand::rngs::{ChaCha20Rng, SysRng};
use rand::{Rng, SeedableRng};

use crate::error::Error;

/// A ChaCha20 generator with a fresh 256-bit seed from the operating system.
///
/// # Privacy
/// This is the only assumption that is not information-theoretic: an adversary cannot tell ChaCha20's stream from
/// random words.
pub(crate) fn system_rng() -> Result<ChaCha20Rng, Error> {
    ChaCha20Rng::try_from_rng(&mut SysRng).map_err(|_| Error::Entropy)
}

/// A uniform integer in `0..bound`; zero if the bound is zero or one.
///
/// # Privacy
/// As many random bits as the largest result has, drawn again until they are below the bound: given that they are,
/// all results are equally likely.
///
/// # Checked by
/// `sample::tests::below_is_uniform`, `sample::tests::both_widths_use_the_same_words`
pub(crate) fn below<R: Rng + ?Sized>(bound: u128, rng: &mut R) -> u128 {
    let largest = bound.saturating_sub(1);
    let mask = u128::MAX.checked_shr(largest.leading_zeros()).unwrap_or(0);
    if mask == 0 {
        return 0;
    }
    let wide = mask > u128::from(u64::MAX);
    loop {
        let low = u128::from(rng.next_u64());
        let high = if wide { u128::from(rng.next_u64()) << 64 } else { 0 };
        let candidate = (high | low) & mask;
        if candidate <= largest {
            return candidate;
        }
    }
}

/// [`below`] for unbounded integers: the same rule, so the same words give the same result.
fn below_large<R: Rng + ?Sized>(bound: &BigInt, rng: &mut R) -> BigInt {
    let largest: BigInt = bound - 1;
    let bits = if largest.sign() == Sign::Plus { largest.bits() } else { 0 };
    let words = bits.div_ceil(64);
    let unused = words.saturating_mul(64).saturating_sub(bits);
    if words == 0 {
        return BigInt::ZERO;
    }
    loop {
        let mut drawn: Vec<u64> = (0..words).map(|_| rng.next_u64()).collect();
        if let Some(top) = drawn.last_mut() {
            *top &= u64::MAX >> unused;
        }
        let bytes: Vec<u8> = drawn.iter().flat_map(|word| word.to_le_bytes()).collect();
        let candidate = BigInt::from_bytes_le(Sign::Plus, &bytes);
        if candidate <= largest {
            return candidate;
        }
    }
}

/// An exact fraction `n/d` with `n >= 0` and `d > 0`, in 128 bits while it fits and in unbounded integers when not.
///
/// It need not be in lowest terms. Which of the two forms a number has never changes a decision, so falling back is
/// invisible in the output.
#[derive(Clone, Debug)]
pub(crate) enum Fraction {
    Small { n: u128, d: u128 },
    Large { n: BigInt, d: BigInt },
}

impl Fraction {
    const ONE: Self = Self::Small { n: 1, d: 1 };

    /// True with probability `n/d`, and always if `n >= d`.
    ///
    /// # Privacy
    /// Of the d equally likely integers in `0..d`, n are below n.
    fn bernoulli<R: Rng + ?Sized>(&self, rng: &mut R) -> bool {
        match self {
            Self::Small { n, d } => below(*d, rng) < *n,
            Self::Large { n, d } => below_large(d, rng) < *n,
        }
    }

    /// The fraction divided by `k`.
    fn over(&self, k: u64) -> Self {
        match self {
            Self::Small { n, d } => match d.checked_mul(k.into()) {
                Some(d) => Self::Small { n: *n, d },
                None => Self::Large { n: (*n).into(), d: BigInt::from(*d) * k },
            },
            Self::Large { n, d } => Self::Large { n: n.clone(), d: d * k },
        }
    }

    /// The integer part and the rest. An integer part beyond 128 bits is cut: exp of minus it is not reached by a
    /// process that takes one step per unit.
    fn split(&self) -> (u128, Self) {
        match self {
            Self::Small { n, d } if n < d => (0, self.clone()),
            Self::Small { n, d } => {
                let whole = n.checked_div(*d).unwrap_or(0);
                let rest = n.checked_rem(*d).unwrap_or(0);
                (whole, Self::Small { n: rest, d: *d })
            }
            Self::Large { n, d } => {
                let whole = n.checked_div(d).unwrap_or_default();
                let rest = n - &whole * d;
                (whole.to_u128().unwrap_or(u128::MAX), Self::Large { n: rest, d: d.clone() })
            }
        }
    }
}

/// True with probability exp(-gamma) \[CKS20, Algorithm 1\].
///
/// # Privacy
/// With gamma = m + f, m integer and 0 <= f < 1: m + 1 independent events of probability e^-1, ..., e^-1, e^-f all occur.
///
/// # Checked by
/// `sample::tests::exponentials_have_their_probability`
pub(crate) fn bernoulli_exp<R: Rng + ?Sized>(gamma: &Fraction, rng: &mut R) -> bool {
    let (whole, rest) = gamma.split();
    (0..whole).all(|_| bernoulli_exp_unit(&Fraction::ONE, rng)) && bernoulli_exp_unit(&rest, rng)
}

/// True with probability exp(-gamma) for gamma in 0..=1.
///
/// # Privacy
/// Let K be the first k at which an event of probability gamma/k fails. P(K > k) = gamma^k / k!, so
/// P(K odd) = (1 - gamma) + (gamma^2/2! - gamma^3/3!) + ... = exp(-gamma).
fn bernoulli_exp_unit<R: Rng + ?Sized>(gamma: &Fraction, rng: &mut R) -> bool {
    let mut k = 1_u64;
    while gamma.over(k).bernoulli(rng) {
        // 2^64 successes in a row have a probability below 1/(2^64)!.
        k = k.saturating_add(1);
    }
    k & 1 == 1
}

/// The number of successes of probability 1/e before the first failure.
fn geometric<R: Rng + ?Sized>(rng: &mut R) -> u64 {
    let mut successes = 0_u64;
    while bernoulli_exp_unit(&Fraction::ONE, rng) {
        successes = successes.saturating_add(1);
    }
    successes
}

/// Sign and magnitude of a discrete Laplace variable of scale `t/s` \[CKS20, Algorithm 2\].
///
/// # Privacy
/// U uniform in 0..t is kept with probability e^(-U/t), V is geometric with ratio 1/e: X = U + t V is geometric with
/// ratio e^(-1/t), and Y = floor(X / s) with ratio e^(-s/t). A fair sign is added, and -0 is drawn again, so that zero
/// is not counted twice. U + t V is at most 2^64 - 1 + (2^64 - 1)^2 < 2^128: it does not saturate.
///
/// # Checked by
/// `sample::tests::laplace_by_hand`, `tests/samplers.rs`
pub(crate) fn laplace<R: Rng + ?Sized>(t: u64, s: u64, rng: &mut R) -> (bool, u128) {
    let t = u128::from(t);
    loop {
        let u = below(t, rng);
        if !bernoulli_exp(&Fraction::Small { n: u, d: t }, rng) {
            continue;
        }
        let v = u128::from(geometric(rng));
        let x = t.saturating_mul(v).saturating_add(u);
        let magnitude = x.checked_div(s.into()).unwrap_or(x);
        let negative = rng.next_u64() & 1 == 1;
        if !(negative && magnitude == 0) {
            return (negative, magnitude);
        }
    }
}

/// The signed integer, or the nearest that 64 bits can hold.
pub(crate) fn saturate(negative: bool, magnitude: u128) -> i64 {
    match (negative, i64::try_from(magnitude)) {
        (false, Ok(value)) => value,
        (true, Ok(value)) => value.saturating_neg(),
        (false, Err(_)) => i64::MAX,
        (true, Err(_)) => i64::MIN,
    }
}

#[cfg(test)]
mod tests;
