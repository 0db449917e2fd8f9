//! What a release costs, and how much may be spent.

use num_traits::{One, Signed, Zero};

use crate::error::Error;
use crate::rational::{Rational, parse_decimal, to_text};

/// What a table costs, in each measure at once, so that it can be added up in any of them.
///
/// # Privacy
/// Given any two neighbours, each output is a mixture with weight 1 - `delta` on a first part and `delta` on another, and the first
/// parts satisfy all three: pure differential privacy with `epsilon`, if there is one, that is P(M(x) in S) <= e^epsilon P(M(y) in S)
/// for all sets S; zero-concentrated differential privacy with `rho`, that is a Rényi divergence of at most rho alpha for every
/// order alpha > 1 \[BS16, Definition 1.1\]; a Rényi divergence of the order of the account of at most `divergence`. For
/// epsilon such a mixture is the same as P(M(x) in S) <= e^epsilon P(M(y) in S) + delta \[KOV15\].
///
/// # Checked by
/// `mechanism::tests::the_privacy_maps_are_exact`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// As in pure differential privacy; none with Gaussian noise.
    pub epsilon: Option<Rational>,
    /// As in zero-concentrated differential privacy.
    pub rho: Rational,
    /// The Rényi divergence of the order of the account.
    pub divergence: Rational,
    /// The weight of what nothing else bounds.
    pub delta: Rational,
}

impl Loss {
    /// Of a mechanism with this epsilon and rho: a divergence is at most epsilon, and at most rho times its order.
    pub fn new(epsilon: Option<Rational>, rho: Rational, order: &Rational) -> Self {
        let concentrated = &rho * order;
        let divergence = epsilon.iter().fold(concentrated, |divergence, epsilon| divergence.min(epsilon.clone()));
        Self { epsilon, rho, divergence, delta: Rational::zero() }
    }

    /// Of any mechanism with this epsilon: it is (epsilon^2/2)-zCDP \[BS16, Proposition 1.4\].
    pub fn pure(epsilon: Rational, order: &Rational) -> Self {
        let rho = &epsilon * &epsilon / Rational::from_integer(2.into());
        Self::new(Some(epsilon), rho, order)
    }

    /// What some losses are together.
    pub(crate) fn total(losses: &[Self]) -> Self {
        let sum = |of: fn(&Self) -> &Rational| losses.iter().map(of).sum();
        let epsilon = losses.iter().map(|loss| loss.epsilon.as_ref()).sum();
        Self { epsilon, rho: sum(|of| &of.rho), divergence: sum(|of| &of.divergence), delta: sum(|of| &of.delta) }
    }

    /// Whether it would pay for another.
    pub(crate) fn is_negative(&self) -> bool {
        self.epsilon.iter().chain([&self.rho, &self.divergence, &self.delta]).any(Signed::is_negative)
    }

    /// The sum of some losses, as the ledger tells it to people: `pure 1/1`, `zcdp 1/40`, `approximate 1/1 delta 1/1000` or
    /// `approximate-zcdp 1/40 delta 1/1000`, with epsilon^2/2 for every epsilon that is not told. No charge depends on it.
    pub(crate) fn told(losses: &[Self]) -> String {
        let delta: Rational = losses.iter().map(|loss| &loss.delta).sum();
        let half = |epsilon: &Rational| epsilon * epsilon / Rational::from_integer(2.into());
        let own = |loss: &Self| loss.epsilon.as_ref().map_or_else(|| loss.rho.clone(), half);
        let (name, with_delta, sum) = match losses.iter().map(|loss| loss.epsilon.as_ref()).sum::<Option<Rational>>() {
            Some(epsilon) => ("pure", "approximate", epsilon),
            None => ("zcdp", "approximate-zcdp", losses.iter().map(own).sum()),
        };
        let sum = to_text(&sum);
        if delta.is_zero() { format!("{name} {sum}") } else { format!("{with_delta} {sum} delta {}", to_text(&delta)) }
    }
}

/// A limit in approximate differential privacy.
///
/// # Privacy
/// (epsilon, delta): P(M(x) in S) <= e^epsilon P(M(y) in S) + delta. Delta bounds the probability that the guarantee
/// fails altogether, so it is below one; a delta of zero is pure differential privacy and admits no Gaussian noise.
/// A part of delta can be set aside for tables with private keys, before anything is asked, and a part for Gaussian noise where
/// epsilons are added up; the rest is for what Rényi divergences convert to. The three are kept apart because they cannot be
/// traded for each other by the answers: see [`Account::admits`](crate::accountant::Account::admits).
///
/// # Checked by
/// `measure::tests::the_parts_of_a_budget_are_parts_of_it`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    epsilon: Rational,
    delta: Rational,
    keys_delta: Rational,
    basic_delta: Rational,
}

impl Budget {
    /// A limit with epsilon >= 0 and 0 <= delta < 1.
    pub fn new(epsilon: Rational, delta: Rational) -> Result<Self, Error> {
        if epsilon.is_negative() || delta.is_negative() || delta >= Rational::one() {
            return Err(Error::Budget);
        }
        Ok(Self { epsilon, delta, keys_delta: Rational::zero(), basic_delta: Rational::zero() })
    }

    /// The same limit, with this part of its delta set aside for tables with private keys.
    pub fn with_keys_delta(self, keys_delta: Rational) -> Result<Self, Error> {
        Self { keys_delta, ..self }.sound()
    }

    /// The same limit, with this part of its delta set aside for Gaussian noise where epsilons are added up.
    pub fn with_basic_delta(self, basic_delta: Rational) -> Result<Self, Error> {
        Self { basic_delta, ..self }.sound()
    }

    /// The limit, if its parts are parts of it.
    fn sound(self) -> Result<Self, Error> {
        let wrong = [&self.keys_delta, &self.basic_delta, &self.noise_delta()].into_iter().any(Signed::is_negative);
        if wrong { Err(Error::Budget) } else { Ok(self) }
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

    /// The part of delta that is set aside for Gaussian noise where epsilons are added up; zero unless said otherwise.
    pub fn basic_delta(&self) -> &Rational {
        &self.basic_delta
    }

    /// The rest of delta, which the conversion from Rényi divergences may use.
    pub fn noise_delta(&self) -> Rational {
        &self.delta - &self.keys_delta - &self.basic_delta
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_told_in_one_form() {
        let (number, order) = (|text| parse_decimal(text).unwrap(), parse_decimal("2").unwrap());
        let pure = |epsilon| Loss::pure(number(epsilon), &order);
        let zcdp = |rho| Loss::new(None, number(rho), &order);
        let keys = |loss: Loss| Loss { delta: number("1e-7"), ..loss };
        for (losses, told) in [
            (vec![], "pure 0/1"),
            (vec![pure("0.1"), pure("0.2")], "pure 3/10"),
            (vec![pure("0.2"), zcdp("0.01")], "zcdp 3/100"),
            (vec![keys(pure("0.1")), keys(pure("0.2")), pure("1")], "approximate 13/10 delta 1/5000000"),
            (vec![keys(pure("0.2")), zcdp("0.01")], "approximate-zcdp 3/100 delta 1/10000000"),
        ] {
            assert_eq!(Loss::told(&losses), told);
        }
    }

    #[test]
    fn the_parts_of_a_budget_are_parts_of_it() {
        assert!(Budget::parse("1", "1e-6").is_ok() && Budget::parse("0", "0").is_ok());
        assert!(Budget::parse("1", "1").is_err() && Budget::parse("-1", "0").is_err());
        let with = |part: &str| Budget::parse("1", "1e-6").unwrap().with_keys_delta(parse_decimal(part).unwrap());
        assert!(with("0").is_ok() && with("1e-6").is_ok() && with("1.1e-6").is_err());
        assert_eq!(with("1e-7").unwrap().noise_delta(), parse_decimal("9e-7").unwrap());
        let basic = |part: &str| with("4e-7").unwrap().with_basic_delta(parse_decimal(part).unwrap());
        assert!(basic("6e-7").is_ok() && basic("6.1e-7").is_err());
        assert_eq!(basic("1e-7").unwrap().noise_delta(), parse_decimal("5e-7").unwrap());
        assert!(Budget::parse("1", "1e-6").unwrap().with_keys_delta(-parse_decimal("1e-7").unwrap()).is_err());
        let minus = -parse_decimal("1").unwrap();
        assert!(Budget::new(minus, parse_decimal("0").unwrap()).is_err());
    }
}
