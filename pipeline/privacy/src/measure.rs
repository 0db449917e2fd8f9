//! What a release costs, and how much may be spent.

use num_traits::{One, Signed, Zero};

use crate::error::Error;
use crate::rational::{Rational, parse_decimal, to_text};
use crate::text::Fields;

/// The cost of a mechanism, in the measure in which it is exact.
///
/// # Privacy
/// `Pure(epsilon)`: P(M(x) in S) <= e^epsilon P(M(y) in S) for all neighbours x, y and all sets S.
/// `Zcdp(rho)`: the Rényi divergence of order alpha between M(x) and M(y) is at most rho alpha, for all alpha > 1
/// \[BS16, Definition 1.1\]. `Approximate(epsilon, delta)` and `ApproximateZcdp(rho, delta)`: given any two neighbours, each
/// of M(x) and M(y) is a mixture, with weight 1 - delta on one part and delta on another, whose first parts satisfy the
/// bound without delta. For epsilon that is the same as P(M(x) in S) <= e^epsilon P(M(y) in S) + delta \[KOV15\]; for rho
/// it is delta-approximate zCDP \[BS16, Section 8\].
///
/// # Checked by
/// `measure::tests::charges_and_budgets_have_one_form`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Charge {
    /// Pure differential privacy with this epsilon.
    Pure(Rational),
    /// Zero-concentrated differential privacy with this rho.
    Zcdp(Rational),
    /// Approximate differential privacy.
    Approximate {
        /// As in pure differential privacy.
        epsilon: Rational,
        /// The weight of what epsilon does not bound.
        delta: Rational,
    },
    /// Approximate zero-concentrated differential privacy: what [`compose`](crate::accountant::compose) makes of
    /// `Approximate` and `Zcdp`.
    ApproximateZcdp {
        /// As in zero-concentrated differential privacy.
        rho: Rational,
        /// The weight of what rho does not bound.
        delta: Rational,
    },
}

impl Charge {
    /// `pure 1/1`, `zcdp 1/40`, `approximate 1/1 delta 1/1000` or `approximate-zcdp 1/40 delta 1/1000`.
    pub fn to_text(&self) -> String {
        match self {
            Self::Pure(epsilon) => format!("pure {}", to_text(epsilon)),
            Self::Zcdp(rho) => format!("zcdp {}", to_text(rho)),
            Self::Approximate { epsilon, delta } => format!("approximate {} delta {}", to_text(epsilon), to_text(delta)),
            Self::ApproximateZcdp { rho, delta } => format!("approximate-zcdp {} delta {}", to_text(rho), to_text(delta)),
        }
    }

    /// Reads what [`Charge::to_text`] writes.
    pub(crate) fn read(fields: &mut Fields<'_>) -> Option<Self> {
        if let Some(rho) = fields.number("approximate-zcdp") {
            return Some(Self::ApproximateZcdp { rho, delta: fields.number("delta")? });
        }
        if let Some(epsilon) = fields.number("approximate") {
            return Some(Self::Approximate { epsilon, delta: fields.number("delta")? });
        }
        fields.number("pure").map(Self::Pure).or_else(|| fields.number("zcdp").map(Self::Zcdp))
    }
}

/// A limit in approximate differential privacy.
///
/// # Privacy
/// (epsilon, delta): P(M(x) in S) <= e^epsilon P(M(y) in S) + delta. Delta bounds the probability that the guarantee
/// fails altogether, so it is below one; a delta of zero is pure differential privacy and admits no Gaussian noise.
/// A part of delta can be set aside for tables with private keys, before anything is asked; the rest is for zCDP. The
/// two are kept apart because they cannot be traded for each other by the answers: see
/// [`admits`](crate::accountant::admits).
///
/// # Checked by
/// `measure::tests::charges_and_budgets_have_one_form`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    epsilon: Rational,
    delta: Rational,
    keys_delta: Rational,
}

impl Budget {
    /// A limit with epsilon >= 0 and 0 <= delta < 1.
    pub fn new(epsilon: Rational, delta: Rational) -> Result<Self, Error> {
        if epsilon.is_negative() || delta.is_negative() || delta >= Rational::one() {
            return Err(Error::Budget);
        }
        Ok(Self { epsilon, delta, keys_delta: Rational::zero() })
    }

    /// The same limit, with this part of its delta set aside for tables with private keys.
    pub fn with_keys_delta(self, keys_delta: Rational) -> Result<Self, Error> {
        if keys_delta.is_negative() || keys_delta > self.delta {
            return Err(Error::Budget);
        }
        Ok(Self { keys_delta, ..self })
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

    /// The part of delta that is set aside for tables with private keys; zero unless said otherwise.
    pub fn keys_delta(&self) -> &Rational {
        &self.keys_delta
    }

    /// The rest of delta, which the conversion from zCDP may use.
    pub(crate) fn noise_delta(&self) -> Rational {
        &self.delta - &self.keys_delta
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tests::of_line;

    #[test]
    fn charges_and_budgets_have_one_form() {
        for text in
            ["pure 1/2", "zcdp 1/40", "pure 0/1", "approximate 1/2 delta 1/1000000", "approximate-zcdp 1/40 delta 1/1000000"]
        {
            assert!(of_line(text, Charge::read, Charge::to_text).is_some(), "{text}");
        }
        for text in [
            "",
            "pure",
            "pure 2/4",
            "pure 1",
            "pure -1/2",
            "zcdp 1/0",
            "gdp 1/2",
            "pure 1/2 ",
            "pure 1/2 delta 1/9",
            "approximate 1/2",
            "approximate 1/2 delta",
            "approximate 1/2 delta 2/18",
            "approximate 2/4 delta 1/9",
            "approximate 1/2 delta 1/9 ",
            "approximate-zcdp 1/2 delta -1/9",
        ] {
            assert!(of_line(text, Charge::read, Charge::to_text).is_none(), "{text}");
        }
        assert!(Budget::parse("1", "1e-6").is_ok() && Budget::parse("0", "0").is_ok());
        assert!(Budget::parse("1", "1").is_err() && Budget::parse("-1", "0").is_err());
        let with = |part: &str| Budget::parse("1", "1e-6").unwrap().with_keys_delta(parse_decimal(part).unwrap());
        assert!(with("0").is_ok() && with("1e-6").is_ok() && with("1.1e-6").is_err());
        assert_eq!(with("1e-7").unwrap().noise_delta(), parse_decimal("9e-7").unwrap());
        assert!(Budget::parse("1", "1e-6").unwrap().with_keys_delta(-parse_decimal("1e-7").unwrap()).is_err());
        let minus = -parse_decimal("1").unwrap();
        assert!(Budget::new(minus, parse_decimal("0").unwrap()).is_err());
    }
}
