//! Exact numbers for everything that is charged: read from text, written to text, never rounded in between.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::{One, Pow, Zero};

use crate::error::Error;

/// An exact fraction of unbounded integers, always in lowest terms with a positive denominator.
pub type Rational = num_rational::BigRational;

/// The largest power of ten, up or down, that [`parse_decimal`] accepts.
const EXPONENT: u32 = 400;

/// The longest text that [`parse_decimal`] accepts.
const LENGTH: usize = 1_000;

/// Reads a non-negative number such as `1`, `0.5`, `1e-6` or `2/3`, exactly.
///
/// A sign, an empty part, a blank, `NaN`, an exponent beyond 400 and a zero denominator are refused.
///
/// # Privacy
/// No float stands between what the controller wrote and what is charged: `0.1` is one tenth.
///
/// # Checked by
/// `rational::tests::numbers_are_read_exactly`, `rational::tests::garbage_is_refused`
pub fn parse_decimal(text: &str) -> Result<Rational, Error> {
    let refuse = |why| Error::Number { text: text.chars().take(40).collect(), why };
    if text.len() > LENGTH {
        return Err(refuse("is too long"));
    }
    let number = match text.split_once('/') {
        Some((numerator, denominator)) => {
            let (numerator, denominator) = (digits(numerator), digits(denominator));
            let (Some(n), Some(d)) = (numerator, denominator) else {
                return Err(refuse("is not digits / digits"));
            };
            if d.is_zero() {
                return Err(refuse("has a zero below the line"));
            }
            Rational::new(n, d)
        }
        None => decimal(text).ok_or_else(|| refuse("is not a plain decimal such as 0.5 or 1e-6"))?,
    };
    Ok(number)
}

/// `digits [. digits] [e [+-] digits]`
fn decimal(text: &str) -> Option<Rational> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let number = match mantissa.split_once('.') {
        Some((whole, part)) => {
            let value = Rational::from(digits(&format!("{}{part}", only_digits(whole)?))?);
            let places = u32::try_from(only_digits(part)?.len()).ok()?;
            value * power_of_ten(true, places)
        }
        None => Rational::from(digits(mantissa)?),
    };
    let Some(exponent) = exponent else {
        return Some(number);
    };
    let (down, size) = match exponent.strip_prefix('-') {
        Some(size) => (true, size),
        None => (false, exponent.strip_prefix('+').unwrap_or(exponent)),
    };
    let size: u32 = only_digits(size)?.parse().ok()?;
    (size <= EXPONENT).then(|| number * power_of_ten(down, size))
}

fn only_digits(text: &str) -> Option<&str> {
    let clean = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    clean.then_some(text)
}

fn digits(text: &str) -> Option<BigInt> {
    BigInt::parse_bytes(only_digits(text)?.as_bytes(), 10)
}

fn power_of_ten(down: bool, size: u32) -> Rational {
    let power = Pow::pow(BigInt::from(10), size);
    if down { Rational::new(BigInt::one(), power) } else { Rational::from(power) }
}

/// Writes a number as `n/d` in lowest terms: the one form that ledger and archive use.
///
/// # Checked by
/// `rational::tests::text_comes_back`
pub fn to_text(number: &Rational) -> String {
    format!("{}/{}", number.numer(), number.denom())
}

/// The least multiple of `1/denominator` that is not below `number`: more noise, or more cost.
///
/// A zero denominator is taken as one.
///
/// # Checked by
/// `rational::tests::rounding_goes_the_stated_way`
pub fn round_up(number: &Rational, denominator: u64) -> Rational {
    let grid = BigInt::from(denominator.max(1));
    Rational::new((number * &grid).ceil().to_integer(), grid)
}

/// An exact sum of many numbers, one numerator for each denominator: whatever it holds, adding one more costs as much as its own
/// digits, and not as much as those of a denominator that all have in common.
///
/// # Checked by
/// `rational::tests::a_sum_is_exact`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum(BTreeMap<BigInt, BigInt>);

impl Sum {
    /// Adds a number.
    pub(crate) fn add(&mut self, number: &Rational) {
        *self.0.entry(number.denom().clone()).or_default() += number.numer();
    }

    /// The sum, each part of it rounded up to a multiple of 2^-256.
    pub(crate) fn above(&self) -> Rational {
        let grid = BigInt::one() << 256_u32;
        let part = |(below, above): (&BigInt, &BigInt)| Rational::new_raw(above * &grid, below.clone()).ceil().to_integer();
        Rational::new(self.0.iter().map(part).sum(), grid.clone())
    }

    /// Whether the exact sum is at most a limit. It is added up only where rounding leaves that open.
    pub(crate) fn is_at_most(&self, limit: &Rational) -> bool {
        let (above, rounding) = (self.above(), Rational::new(self.0.len().into(), BigInt::one() << 256_u32));
        let exact = || self.0.iter().map(|(below, above)| Rational::new(above.clone(), below.clone())).sum::<Rational>();
        above <= *limit || (above - rounding <= *limit && exact() <= *limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fraction(n: i64, d: i64) -> Rational {
        Rational::new(n.into(), d.into())
    }

    #[test]
    fn numbers_are_read_exactly() {
        for (text, n, d) in [
            ("1", 1, 1),
            ("0", 0, 1),
            ("007", 7, 1),
            ("0.5", 1, 2),
            ("0.1", 1, 10),
            ("1e-6", 1, 1_000_000),
            ("2.50E+1", 25, 1),
            ("2e3", 2_000, 1),
            ("2/3", 2, 3),
            ("4/6", 2, 3),
        ] {
            assert_eq!(parse_decimal(text).unwrap(), fraction(n, d), "{text}");
        }
        assert!(parse_decimal("1e400").is_ok());
        assert!(parse_decimal("1e-400").is_ok());
    }

    #[test]
    fn garbage_is_refused() {
        for text in [
            "",
            " ",
            "-1",
            "+1",
            "1 ",
            " 1",
            "NaN",
            "inf",
            "1.",
            ".5",
            "1e",
            "e1",
            "1e401",
            "1e-401",
            "1e99999999999",
            "1/0",
            "1/-2",
            "1/2/3",
            "/2",
            "1/",
            "0x10",
            "1_000",
            "1,5",
            "1.2.3",
            "1e1.5",
            "1.5/2",
            "١",
        ] {
            assert!(parse_decimal(text).is_err(), "{text:?}");
        }
        assert!(parse_decimal(&"9".repeat(1_001)).is_err());
    }

    #[test]
    fn text_comes_back() {
        for text in ["0", "0.024356", "1e-400", "355/113"] {
            let number = parse_decimal(text).unwrap();
            assert_eq!(parse_decimal(&to_text(&number)).unwrap(), number);
        }
        assert_eq!(to_text(&fraction(4, 6)), "2/3");
        assert_eq!(to_text(&fraction(9, 1)), "9/1");
    }

    #[test]
    fn rounding_goes_the_stated_way() {
        assert_eq!(round_up(&fraction(1, 3), 100), fraction(34, 100));
        assert_eq!(round_up(&fraction(1, 2), 2), fraction(1, 2));
    }

    #[test]
    fn a_sum_is_exact() {
        let sum = |numbers: &[&str]| {
            let mut sum = Sum::default();
            numbers.iter().for_each(|number| sum.add(&parse_decimal(number).unwrap()));
            sum
        };
        for (numbers, total) in [
            (vec![], "0"),
            (vec!["0.9", "0.1"], "1"),
            (vec!["1/3"; 3], "1"),
            (vec!["1/3", "2/7", "1e-300", "8/21"], "1"),
            (vec!["1e300", "1/7"], "1e300"),
        ] {
            let (sum, total) = (sum(&numbers), parse_decimal(total).unwrap());
            let more = numbers.iter().map(|number| parse_decimal(number).unwrap()).sum::<Rational>() - &total;
            assert_eq!(sum.is_at_most(&total), more <= Rational::zero(), "{numbers:?}");
            assert!(sum.is_at_most(&(&total + &more)) && sum.above() >= &total + &more, "{numbers:?}");
            let less = &total + &more - parse_decimal("1e-400").unwrap();
            assert!(!sum.is_at_most(&less) && sum.above() - less < parse_decimal("1e-70").unwrap(), "{numbers:?}");
        }
        let mut sum = sum(&["1/3"]);
        sum.add(&-parse_decimal("1/3").unwrap());
        assert!(sum.is_at_most(&Rational::zero()));
    }
}
