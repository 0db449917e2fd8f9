//! What a release costs, and how much may be spent.

use num_traits::{One, Signed};

use crate::error::Error;
use crate::rational::{Rational, parse_decimal, to_text};

/// The cost of a mechanism, in the measure in which it is exact.
///
/// # Privacy
/// `Pure(epsilon)`: P(M(x) in S) <= e^epsilon P(M(y) in S) for all neighbours x, y and all sets S.
/// `Zcdp(rho)`: the Rényi divergence of order alpha between M(x) and M(y) is at most rho alpha, for all alpha > 1
/// \[BS16, Definition 1.1\].
///
/// # Checked by
/// `measure::tests::charges_and_budgets_have_one_form`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Charge {
    /// Pure differential privacy with this epsilon.
    Pure(Rational),
    /// Zero-concentrated differential privacy with this rho.
    Zcdp(Rational),
}

impl Charge {
    /// `pure 1/1` or `zcdp 1/40`.
    pub fn to_text(&self) -> String {
        match self {
            Self::Pure(epsilon) => format!("pure {}", to_text(epsilon)),
            Self::Zcdp(rho) => format!("zcdp {}", to_text(rho)),
        }
    }

    /// Reads what [`Charge::to_text`] writes, and nothing else.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let charge = match text.split_once(' ') {
            Some(("pure", epsilon)) => parse_decimal(epsilon).ok().map(Self::Pure),
            Some(("zcdp", rho)) => parse_decimal(rho).ok().map(Self::Zcdp),
            Some(_) | None => None,
        };
        charge
            .filter(|charge| charge.to_text() == text)
            .ok_or(Error::Syntax { what: "a charge", why: "expected: pure N/N or zcdp N/N" })
    }
}

/// A limit in approximate differential privacy.
///
/// # Privacy
/// (epsilon, delta): P(M(x) in S) <= e^epsilon P(M(y) in S) + delta. Delta bounds the probability that the guarantee
/// fails altogether, so it is below one; a delta of zero is pure differential privacy and admits no Gaussian noise.
///
/// # Checked by
/// `measure::tests::charges_and_budgets_have_one_form`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    epsilon: Rational,
    delta: Rational,
}

impl Budget {
    /// A limit with epsilon >= 0 and 0 <= delta < 1.
    pub fn new(epsilon: Rational, delta: Rational) -> Result<Self, Error> {
        if epsilon.is_negative() || delta.is_negative() || delta >= Rational::one() {
            return Err(Error::Budget);
        }
        Ok(Self { epsilon, delta })
    }

    /// Reads both numbers as [`parse_decimal`] does: `Budget::parse("1", "1e-6")`.
    pub fn parse(epsilon: &str, delta: &str) -> Result<Self, Error> {
        Self::new(parse_decimal(epsilon)?, parse_decimal(delta)?)
    }

    /// The limit on epsilon.
    pub fn epsilon(&self) -> &Rational {
        &self.epsilon
    }

    /// The limit on delta.
    pub fn delta(&self) -> &Rational {
        &self.delta
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charges_and_budgets_have_one_form() {
        for text in ["pure 1/2", "zcdp 1/40", "pure 0/1"] {
            assert_eq!(Charge::parse(text).unwrap().to_text(), text);
        }
        for text in ["", "pure", "pure 2/4", "pure 1", "pure -1/2", "zcdp 1/0", "gdp 1/2", "pure 1/2 "] {
            assert!(Charge::parse(text).is_err(), "{text}");
        }
        assert!(Budget::parse("1", "1e-6").is_ok() && Budget::parse("0", "0").is_ok());
        assert!(Budget::parse("1", "1").is_err() && Budget::parse("-1", "0").is_err());
        let minus = -parse_decimal("1").unwrap();
        assert!(Budget::new(minus, parse_decimal("0").unwrap()).is_err());
    }
}
