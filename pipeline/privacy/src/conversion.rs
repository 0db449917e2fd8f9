//! From zCDP to (epsilon, delta): the only file with floats that decide (those of `loss` are shown); no noise and no
//! statistic passes through them.
//!
//! # Privacy
//! A rho-zCDP mechanism is (epsilon, delta) private for every alpha > 1 with
//! ln delta = (alpha - 1)(alpha rho - epsilon) + (alpha - 1) ln(1 - 1/alpha) - ln alpha \[CKS20, Section 2.3\]. *Proof.*
//! With Z = ln P/P', delta is at most E_P\[max(0, 1 - e^(epsilon - Z))\]. For all u, 1 - e^-u <= c e^((alpha-1) u) with
//! c = max over w of (1 - w) w^(alpha-1) = (1 - 1/alpha)^(alpha-1) / alpha, where w = e^-u. Put u = Z - epsilon and use
//! E_P\[e^((alpha-1) Z)\] <= e^((alpha-1) alpha rho), the definition of zCDP. ∎
//!
//! Since *every* alpha gives a valid bound, how well alpha is chosen is a matter of accuracy, not of privacy; only the
//! evaluation must not come out too small. rho is rounded up to a float, epsilon down, and `bound_at` adds more than
//! the error it can make.
//!
//! # Checked by
//! `conversion::tests`, `tests/accounting.rs`

#![allow(clippy::float_arithmetic, reason = "the conversion has a logarithm in it; errors are bounded in `bound_at`")]

use num_bigint::BigInt;
use num_traits::{One, ToPrimitive, Zero};

use crate::measure::Budget;
use crate::rational::Rational;

/// rho is a multiple of this fraction of one.
const RHO_GRID: u64 = 1_000_000_000_000_000;

/// Searches stop at 2^100 grid steps.
const DOUBLINGS: u32 = 100;

/// An upper bound on the delta at which a rho-zCDP mechanism is (epsilon, delta) private; at most one.
///
/// # Privacy
/// See the module: the bound holds for the alpha that was tried, and is rounded up. A rho of zero costs nothing.
///
/// # Checked by
/// `conversion::tests::delta_is_above_the_gaussian_one_and_close`, `conversion::tests::delta_is_monotone`
pub fn delta_of(rho: &Rational, epsilon: &Rational) -> Rational {
    if *rho <= Rational::zero() {
        return Rational::zero();
    }
    let (rho, epsilon) = (float_above(rho), float_below(epsilon));
    let delta = bound_at(best_alpha(rho, epsilon), rho, epsilon);
    // NaN and infinity (a rho beyond all floats) end here as one.
    Rational::from_float(delta).unwrap_or_else(Rational::one).min(Rational::one())
}

/// The greatest multiple of 10^-15 that the limit admits: `delta_of(rho, epsilon) <= delta`, less what is set aside for
/// private keys; zero if that is zero.
///
/// # Privacy
/// The returned rho itself was tested with [`delta_of`], so its error is on the safe side. It lies less than 10^-15
/// plus a relative 10^-9 below the supremum of the admissible.
///
/// # Checked by
/// `conversion::tests::the_golden_rho`, `conversion::tests::rho_is_the_greatest`
pub fn rho_for(limit: &Budget) -> Rational {
    let delta = limit.noise_delta();
    let fits = |rho: &Rational| delta_of(rho, limit.epsilon()) <= delta;
    // Not too much at the lower end, too much at the upper one; beyond 2^100 steps nothing is looked for.
    let at = |steps: &BigInt| Rational::new(steps.clone(), RHO_GRID.into());
    let (mut low, mut high) = (BigInt::zero(), BigInt::one());
    for _ in 0..DOUBLINGS {
        if fits(&at(&high)) {
            low.clone_from(&high);
            high *= 2;
        }
    }
    loop {
        let middle: BigInt = (&low + &high) >> 1_u32;
        if middle == low {
            return at(&low);
        }
        if fits(&at(&middle)) { low = middle } else { high = middle }
    }
}

/// The alpha at which the derivative (2 alpha - 1) rho - epsilon + ln(1 - 1/alpha) of ln delta changes sign.
///
/// The derivative increases, and is positive at (epsilon + 1) / (2 rho) + 2.
fn best_alpha(rho: f64, epsilon: f64) -> f64 {
    let mut low = 1.0_f64;
    let mut high = (epsilon + 1.0) / (2.0 * rho) + 2.0;
    for _ in 0..200 {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if (2.0 * middle - 1.0) * rho - epsilon + (-1.0 / middle).ln_1p() < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// delta at one alpha, rounded up.
///
/// Every operation, ln, ln_1p and exp included, is taken to be right to 2^-47 of its result, 64 units in the last
/// place. The terms are at most alpha (alpha rho + epsilon), 1 and alpha in size, and dividing 1 by alpha moves
/// (alpha - 1) ln(1 - 1/alpha) by at most alpha units; so 2^-44 alpha (alpha rho + epsilon + 3) is more than the
/// exponent's error. The result is never below the least normal float: a positive rho has a positive delta.
fn bound_at(alpha: f64, rho: f64, epsilon: f64) -> f64 {
    let unit = 2_f64.powi(-44);
    let exponent = (alpha - 1.0) * (alpha * rho - epsilon) + (alpha - 1.0) * (-1.0 / alpha).ln_1p() - alpha.ln();
    let error = unit * alpha * (alpha * rho + epsilon + 3.0);
    let delta = (exponent + error).exp() * (1.0 + unit);
    if delta.is_nan() { 1.0 } else { delta.max(f64::MIN_POSITIVE) }
}

/// A float that is not below the number; infinity if there is no finite one.
pub fn float_above(number: &Rational) -> f64 {
    let mut float = number.to_f64().unwrap_or(f64::INFINITY);
    while Rational::from_float(float).is_some_and(|exact| exact < *number) {
        float = float.next_up();
    }
    float
}

/// A float that is not above the non-negative number.
pub fn float_below(number: &Rational) -> f64 {
    let mut float = number.to_f64().unwrap_or(0.0).min(f64::MAX);
    while Rational::from_float(float).is_some_and(|exact| exact > *number) {
        float = float.next_down();
    }
    float
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rational::parse_decimal;

    fn number(text: &str) -> Rational {
        parse_decimal(text).unwrap()
    }

    fn budget(epsilon: &str, delta: &str) -> Budget {
        Budget::parse(epsilon, delta).unwrap()
    }

    #[test]
    fn the_golden_rho() {
        let rho = rho_for(&budget("1", "1e-6"));
        assert!(rho > number("0.024355") && rho < number("0.024357"), "{rho}");
        let sigma = (1.0 / (2.0 * rho.to_f64().unwrap())).sqrt();
        assert!((sigma - 4.531).abs() < 1e-3, "{sigma}");
        assert!(rho_for(&budget("1", "0")).is_zero());
        // What is set aside for keys is not there for noise.
        let aside = |part| budget("1", "3e-6").with_keys_delta(number(part)).unwrap();
        assert_eq!(rho_for(&aside("2e-6")), rho);
        assert!(rho_for(&aside("3e-6")).is_zero() && rho_for(&aside("0")) > rho);
    }

    #[test]
    fn rho_is_the_greatest() {
        for (epsilon, delta) in [("1", "1e-6"), ("0.1", "1e-9"), ("10", "1e-5"), ("0", "1e-3"), ("1e-4", "1e-10"), ("100", "0.5")]
        {
            let limit = budget(epsilon, delta);
            let rho = rho_for(&limit);
            assert!(rho > Rational::zero(), "{epsilon} {delta}");
            assert!(delta_of(&rho, limit.epsilon()) <= *limit.delta());
            let next = &rho * number("1.000000001") + Rational::new(1.into(), RHO_GRID.into());
            assert!(delta_of(&next, limit.epsilon()) > *limit.delta());
        }
    }

    #[test]
    fn delta_is_monotone() {
        let rhos: Vec<Rational> = (1..40).map(|i| Rational::new(i.into(), 200.into())).collect();
        for pair in rhos.windows(2) {
            assert!(delta_of(&pair[0], &number("1")) < delta_of(&pair[1], &number("1")));
            assert!(delta_of(&number("0.05"), &pair[0]) > delta_of(&number("0.05"), &pair[1]));
        }
        assert_eq!(delta_of(&number("1e300"), &number("1")), Rational::one());
        assert_eq!(delta_of(&number("1e400"), &number("1e400")), Rational::one());
        assert!(delta_of(&number("1e-300"), &number("1")) > Rational::zero());
        assert!(delta_of(&number("1e-400"), &number("1")) > Rational::zero());
        assert!(delta_of(&number("0"), &number("0")).is_zero());
    }

    /// The Gaussian mechanism is one rho-zCDP mechanism whose delta is known in closed form: the bound for all of
    /// them must lie above it, and is known to lie within a small factor.
    #[test]
    fn delta_is_above_the_gaussian_one_and_close() {
        // sigma^2 = 1 / (2 rho), sensitivity 1: delta = P(Z > eps sigma - 1/(2 sigma)) - e^eps P(Z > eps sigma + 1/(2 sigma)).
        // Computed in double precision with erfc, for rho = 1/50 (sigma = 5) and rho = 1/8 (sigma = 2).
        for (rho, epsilon, exact) in GAUSSIAN {
            let bound = delta_of(&number(rho), &number(epsilon)).to_f64().unwrap();
            assert!(bound > exact && bound < 20.0 * exact, "{rho} {epsilon}: {bound} against {exact}");
        }
    }

    const GAUSSIAN: [(&str, &str, f64); 4] = [
        ("1/50", "1", 1.754633332e-08),
        ("1/50", "2", 4.043703567e-25),
        ("1/8", "1", 6.829594983e-03),
        ("1/8", "2", 9.439168635e-06),
    ];
}
