//! How budgets and charges are told to people: what is spent is rounded up, what is left is rounded down.

use num_bigint::BigInt;
use num_traits::{ToPrimitive as _, Zero as _};
use serde::Serialize;
use utfall_privacy::rational::{round_up, to_text};
use utfall_privacy::{Loss, Rational};

/// Numbers from a thousandth on are told to a ten-thousandth: what noise costs is a hair less than was asked for, since its scale is
/// rounded, and nobody can spend the hair.
const GRID: u64 = 10_000;
/// Smaller ones are told to a millionth; powers of ten below that are told exactly.
const FINE: u64 = 1_000_000;

/// What something costs, in decimals that are not smaller than it is: an epsilon, or with Gaussian noise a rho.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Charge {
    /// The sum of epsilons, if each part has one.
    pub epsilon: Option<String>,
    /// Else the sum of rhos, of zero-concentrated differential privacy.
    pub rho: Option<String>,
    /// The delta that is charged beside it.
    pub delta: String,
}

impl Charge {
    /// What losses add up to.
    pub fn of(losses: &[Loss]) -> Self {
        let delta = up(&losses.iter().map(|loss| &loss.delta).sum());
        match losses.iter().map(|loss| loss.epsilon.as_ref()).sum::<Option<Rational>>() {
            Some(epsilon) => Self { epsilon: Some(up(&epsilon)), rho: None, delta },
            None => Self { epsilon: None, rho: Some(fine(&losses.iter().map(|loss| &loss.rho).sum())), delta },
        }
    }
}

/// What losses add up to, in the field's own terms: their epsilons, or with Gaussian noise among them their rhos.
pub fn charge(losses: &[Loss]) -> String {
    let Charge { epsilon, rho, delta } = Charge::of(losses);
    let sum = epsilon.map(|epsilon| format!("epsilon {epsilon}")).or(rho.map(|rho| format!("rho {rho} (zCDP)")));
    let sum = sum.unwrap_or_default();
    if losses.iter().all(|loss| loss.delta.is_zero()) { sum } else { format!("{sum}, delta {delta}") }
}

/// A number that is not told smaller than it is.
pub fn up(number: &Rational) -> String {
    up_of_few_digits(number).unwrap_or_else(|| up_of_any(number))
}

fn up_of_any(number: &Rational) -> String {
    decimal(number, &round_up(number, if is_small(number) { FINE } else { GRID }))
}

/// The same where both parts of the fraction are machine words, as they are in most of the thousands that an account lists; none
/// where they are not.
fn up_of_few_digits(number: &Rational) -> Option<String> {
    let (above, below) = (number.numer().to_u64()?, number.denom().to_u64()?);
    if above == 1 && below >= GRID && 10_u64.checked_pow(below.ilog10()) == Some(below) {
        return Some(format!("1e-{}", below.ilog10()));
    }
    let grid = if u128::from(above) * 1_000 < u128::from(below) { FINE } else { GRID };
    let steps = (u128::from(above) * u128::from(grid)).div_ceil(below.into());
    Some(in_millionths(&(steps * u128::from(FINE / grid)).to_string()))
}

/// The same to a millionth: a rho of a fortieth may be all there is.
fn fine(number: &Rational) -> String {
    decimal(number, &round_up(number, FINE))
}

/// A number that is not told larger than it is, of a whole of about one or more.
pub fn down(number: &Rational) -> String {
    decimal(number, &round_down(number, GRID))
}

fn is_small(number: &Rational) -> bool {
    *number < Rational::new(1.into(), 1_000.into())
}

/// The greatest multiple of `1/denominator` that is not above `number`: less budget.
fn round_down(number: &Rational, denominator: u64) -> Rational {
    let grid = BigInt::from(denominator.max(1));
    Rational::new((number * &grid).floor().to_integer(), grid)
}

/// The rounded number in decimals; `1/10…0` as a power of ten.
fn decimal(exact: &Rational, rounded: &Rational) -> String {
    let text = to_text(exact);
    if let Some(zeros) = text.strip_prefix("1/1").filter(|z| z.len() > 3 && z.bytes().all(|b| b == b'0')) {
        return format!("1e-{}", zeros.len());
    }
    in_millionths(&(rounded * Rational::from_integer(FINE.into())).to_integer().to_string())
}

/// So many millionths in decimals.
fn in_millionths(count: &str) -> String {
    let padded = format!("{count:0>7}");
    let (whole, part) = padded.split_at(padded.len().saturating_sub(6));
    let decimals = part.trim_end_matches('0');
    if decimals.is_empty() { whole.to_owned() } else { format!("{whole}.{decimals}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use utfall_privacy::rational::parse_decimal;

    #[test]
    fn a_number_of_few_digits_is_told_as_any_other() {
        let told = |above: u64, below: u64| {
            let number = Rational::new(above.into(), below.into());
            assert_eq!(up_of_few_digits(&number), Some(up_of_any(&number)), "{above}/{below}");
        };
        for zeros in 0..20 {
            let below = 10_u64.pow(zeros);
            [0, 1, 2, 3, 7, 10, 999, 1_000, 12_345, u64::MAX].into_iter().for_each(|above| told(above, below));
            [below.saturating_sub(1).max(1), below.saturating_add(1)].into_iter().for_each(|near| told(1, near));
        }
        for n in 1..2_000_u64 {
            told(n, 2_000);
            told(n, n * n + 17);
            told(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 1_000_003, n.wrapping_mul(0xbf58_476d_1ce4_e5b9).max(1));
        }
        let large = Rational::new(num_bigint::BigInt::from(u64::MAX) * 2, 1.into());
        assert_eq!(up_of_few_digits(&large), None);
    }

    #[test]
    fn spent_is_never_told_too_low_and_left_never_too_high() {
        let n = |text: &str| parse_decimal(text).unwrap();
        assert_eq!((up(&n("1/3")), down(&n("1/3"))), ("0.3334".into(), "0.3333".into()));
        assert_eq!((up(&n("10")), down(&n("0")), up(&n("1/2"))), ("10".into(), "0".into(), "0.5".into()));
        assert_eq!((up(&n("1e-6")), up(&n("1e-5")), up(&n("2/3"))), ("1e-6".into(), "1e-5".into(), "0.6667".into()));
        assert_eq!(up(&n("1e-12")), "1e-12");
        assert_eq!(
            (up(&n("0.000123")), up(&n("0.0243")), up(&n("0.0012345"))),
            ("0.000123".into(), "0.0243".into(), "0.0013".into())
        );
        // What rounded scales leave over is not shown: neither as spent nor as left.
        assert_eq!((up(&n("1.499999")), down(&n("3.500001")), down(&n("0.000002"))), ("1.5".into(), "3.5".into(), "0".into()));
    }
}
