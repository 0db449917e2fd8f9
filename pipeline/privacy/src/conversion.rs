//! From Rényi divergences to (epsilon, delta), and the divergence of Laplace noise: the only file with floats that decide (those of
//! `loss` are shown); no noise and no statistic passes through them.
//!
//! # Privacy
//! A mechanism whose Rényi divergence of one order alpha > 1 is at most D is (epsilon, delta) private with
//! ln delta = (alpha - 1)(D - epsilon) + (alpha - 1) ln(1 - 1/alpha) - ln alpha \[CKS20, Section 2.3\]. *Proof.*
//! With Z = ln P/P', delta is at most E_P\[max(0, 1 - e^(epsilon - Z))\]. For all u, 1 - e^-u <= c e^((alpha-1) u) with
//! c = max over w of (1 - w) w^(alpha-1) = (1 - 1/alpha)^(alpha-1) / alpha, where w = e^-u. Put u = Z - epsilon and use
//! E_P\[e^((alpha-1) Z)\] <= e^((alpha-1) D), the definition of the divergence. ∎ Of rho-zCDP, D = alpha rho for every alpha.
//!
//! Since *every* alpha gives a valid bound, how well alpha is chosen is a matter of accuracy, not of privacy; only the
//! evaluation must not come out too small. D is rounded up to a float, epsilon down, and `bound_at` adds more than
//! the error it can make.
//!
//! # Checked by
//! `conversion::tests`, `tests/accounting.rs`

#![allow(clippy::float_arithmetic, reason = "the conversion has a logarithm in it; errors are bounded where they are made")]

use num_traits::{One, ToPrimitive, Zero};

use crate::measure::Budget;
use crate::rational::Rational;

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
    let alpha = best_alpha(rho, epsilon);
    rational(bound_at(alpha, alpha * rho * (1.0 + f64::EPSILON), epsilon))
}

/// The same of a mechanism with this Rényi divergence of an order above 1.
///
/// # Privacy
/// See the module.
///
/// # Checked by
/// `conversion::tests::of_one_order_as_of_the_best`
pub fn delta_at(order: &Rational, divergence: &Rational, epsilon: &Rational) -> Rational {
    rational(bound_at(float_below(order), float_above(divergence), float_below(epsilon)))
}

/// NaN and infinity (a divergence beyond all floats) end here as one.
fn rational(delta: f64) -> Rational {
    Rational::from_float(delta).unwrap_or_else(Rational::one).min(Rational::one())
}

/// The order at which a limit converts from the most Gaussian noise: the greatest (epsilon - L(alpha)) / alpha, where L is what the
/// conversion takes. Any order above 1 is valid, so the search need not be exact.
///
/// # Checked by
/// `conversion::tests::of_one_order_as_of_the_best`
pub fn order_of(limit: &Budget) -> Rational {
    // Without delta no order is of use; one must stand all the same, for the limit may be raised.
    let known = Some(float_below(&limit.noise_delta())).filter(|delta| *delta > 0.0);
    let (epsilon, delta) = (float_below(limit.epsilon()), known.unwrap_or(1e-6));
    let worth = |over: f64| {
        let alpha = 1.0 + over.exp();
        let taken = ((alpha - 1.0) * (-1.0 / alpha).ln_1p() - alpha.ln() - delta.ln()) / (alpha - 1.0);
        (epsilon - taken) / alpha
    };
    let (mut low, mut high) = (-20.0_f64, 40.0_f64);
    for _ in 0..200 {
        let third = (high - low) / 3.0;
        if worth(low + third) < worth(high - third) { low += third } else { high -= third }
    }
    // To ten bits: logarithms of other machines end in other bits, and the order of a ledger stays.
    let bits = 2_f64.powf(10.0 - low.exp().log2().floor());
    Rational::from_float(1.0 + (low.exp() * bits).round() / bits).unwrap_or_else(|| Rational::from_integer(2.into()))
}

/// The Rényi divergence of an order between tables with Laplace noise of this scale, where a person moves the cells by epsilon
/// scales in all; rounded up.
///
/// # Privacy
/// Let q = e^(-1/scale) and m = 2 alpha - 1. For one cell that moves by the integer d, summing P^alpha P'^(1-alpha) over x <= 0, over
/// x >= d and between gives S(d) = A q^(-(alpha-1) d) + B q^(alpha d) with B = (1 - (1-q)/(1-q^m)) / (1+q) and A = 1 - B, both
/// positive for m > 1. So ln S is convex in d and zero at d = 0: over several cells ln S(d_1) + ln S(d_2) + ... is greatest when one
/// cell moves by all of L1, also where the d_i are chosen one after the other. With epsilon = L1 / scale, the divergence
/// ln S / (alpha - 1) is epsilon + ln(1 - B (1 - e^(-m epsilon))) / (alpha - 1). It is at most epsilon. ∎
/// *Rounding.* Each operation is right to 2^-47 of its result, as in `bound_at`; the logarithm's argument is at least 1/2 and right to
/// 2^-42, so the quotient is right to 2^-40 / (alpha - 1); rounding 1/scale and epsilon, at most 64, moves it by less.
///
/// # Checked by
/// `conversion::tests::laplace_divergences_are_those_of_the_distribution`
pub fn laplace_divergence(epsilon: &Rational, scale: &Rational, order: &Rational) -> Rational {
    let (e, alpha) = (float_above(epsilon), float_below(order));
    let (t, m) = (1.0 / float_below(scale), 2.0 * alpha - 1.0);
    let b = (1.0 - (-t).exp_m1() / (-m * t).exp_m1()) / (1.0 + (-t).exp());
    let error = 2_f64.powi(-40) * (1.0 + e + 1.0 / (alpha - 1.0));
    let divergence = e + (b * (-m * e).exp_m1()).ln_1p() / (alpha - 1.0) + error;
    let bounded = Rational::from_float(divergence).filter(|_| e <= 64.0);
    bounded.unwrap_or_else(|| epsilon.clone()).min(epsilon.clone())
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
/// place. The terms are at most alpha (D + epsilon), 1 and alpha in size, and dividing 1 by alpha moves
/// (alpha - 1) ln(1 - 1/alpha) by at most alpha units; so 2^-44 alpha (D + epsilon + 3) is more than the
/// exponent's error. The result is never below the least normal float: a positive rho has a positive delta.
fn bound_at(alpha: f64, divergence: f64, epsilon: f64) -> f64 {
    let unit = 2_f64.powi(-44);
    let exponent = (alpha - 1.0) * (divergence - epsilon) + (alpha - 1.0) * (-1.0 / alpha).ln_1p() - alpha.ln();
    let error = unit * alpha * (divergence + epsilon + 3.0);
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

    /// The order of a limit converts from as much Gaussian noise as any order does.
    #[test]
    fn of_one_order_as_of_the_best() {
        for (epsilon, delta) in
            [("1", "1e-6"), ("0.1", "1e-9"), ("10", "1e-5"), ("1e-4", "1e-10"), ("100", "0.5"), ("15", "1e-5")]
        {
            let limit = budget(epsilon, delta);
            let order = order_of(&limit);
            assert!(order > Rational::one(), "{order}");
            let (mut low, mut high) = (0.0_f64, 1e6_f64);
            for _ in 0..200 {
                let middle = low + (high - low) / 2.0;
                let rho = Rational::from_float(middle).unwrap();
                if delta_of(&rho, limit.epsilon()) <= *limit.delta() { low = middle } else { high = middle }
            }
            let divergence = |rho: f64| Rational::from_float(rho).unwrap() * &order;
            assert!(delta_at(&order, &divergence(low * (1.0 - 1e-5)), limit.epsilon()) <= *limit.delta(), "{epsilon} {delta}");
            assert!(delta_at(&order, &divergence(low * (1.0 + 1e-9)), limit.epsilon()) > *limit.delta(), "{epsilon} {delta}");
        }
        // What a ledger was begun with stays, whatever becomes of this search.
        for (epsilon, delta, order) in
            [("1", "1e-6", "21.984375"), ("10", "1e-5", "3.40234375"), ("15", "1e-5", "2.748046875"), ("0.1", "1e-9", "292.5")]
        {
            let found = order_of(&budget(epsilon, delta));
            assert_eq!(found, number(order), "{epsilon} {delta}: {}", found.to_f64().unwrap());
        }
        for (epsilon, delta) in [("0", "1e-3"), ("1", "0"), ("0", "0"), ("1e300", "1e-5")] {
            assert!(order_of(&budget(epsilon, delta)) > Rational::one(), "{epsilon} {delta}");
        }
        assert_eq!(delta_at(&number("2"), &number("1e400"), &number("1")), Rational::one());
    }

    /// Summed over the integers, for shifts of one cell and of several: never above what is charged, and hardly below.
    #[test]
    fn laplace_divergences_are_those_of_the_distribution() {
        let divergence = |scale: f64, shift: i64, alpha: f64| {
            let edge = (50.0 * scale) as i64 + 100;
            let total: f64 = (-edge..=edge).map(|x| (-(x.abs() as f64) / scale).exp()).sum();
            let log = |x: i64| alpha * -(x.abs() as f64) / scale + (1.0 - alpha) * -((x - shift).abs() as f64) / scale;
            let sum: f64 = (-edge..=edge + shift).map(|x| log(x).exp()).sum();
            (sum / total).ln() / (alpha - 1.0)
        };
        for scale in ["0.5", "1", "7/3", "20", "300"] {
            for order in ["1.01", "1.5", "2.84", "4", "20"] {
                let (s, alpha) = (number(scale).to_f64().unwrap(), number(order).to_f64().unwrap());
                for l1 in [1, 2, 3, 10] {
                    let epsilon = number(&l1.to_string()) / number(scale);
                    let charged = laplace_divergence(&epsilon, &number(scale), &number(order)).to_f64().unwrap();
                    let whole = divergence(s, l1, alpha);
                    let split = l1 as f64 * divergence(s, 1, alpha);
                    let halves = divergence(s, l1 / 2, alpha) + divergence(s, l1 - l1 / 2, alpha);
                    assert!(whole.max(split).max(halves) <= charged + 1e-9, "{scale} {order} {l1}: {whole} {charged}");
                    assert!(charged <= whole * (1.0 + 1e-6) + 1e-9, "{scale} {order} {l1}: {whole} {charged}");
                    assert!(charged <= epsilon.to_f64().unwrap() + 1e-12);
                }
            }
        }
        // Far outside what floats are good for, epsilon stands.
        assert_eq!(laplace_divergence(&number("1000"), &number("1e-3"), &number("2")), number("1000"));
        let tiny = laplace_divergence(&number("1e-12"), &number("1e12"), &number("2"));
        assert_eq!(tiny, number("1e-12"));
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
