//! The mechanisms: what noise a table gets, and what that costs.
//!
//! One file per sampler. To add a mechanism, add its file and its variant; the compiler names the remaining arms.

mod discrete_gaussian;
mod discrete_laplace;

pub use discrete_gaussian::DiscreteGaussian;
pub use discrete_laplace::DiscreteLaplace;

use num_bigint::BigInt;
use num_traits::CheckedDiv;
use rand::Rng;
use rand_distr::Distribution;

use crate::error::Error;
use crate::measure::Charge;
use crate::metric::Sensitivity;
use crate::rational::{Rational, parse_decimal, to_text};

/// Integer noise, added to every cell of a table independently.
///
/// # Privacy
/// What it costs is [`Mechanism::charge`]; that the noise is what it says, the samplers' documentation.
///
/// # Checked by
/// `mechanism::tests`
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// P(x) proportional to exp(-|x| / scale).
    DiscreteLaplace {
        /// The scale; see [`DiscreteLaplace::new`] for its range.
        scale: Rational,
    },
    /// P(x) proportional to exp(-x^2 / (2 variance)).
    DiscreteGaussian {
        /// The parameter sigma^2, a little above the true variance; see [`DiscreteGaussian::new`] for its range.
        variance: Rational,
    },
}

impl Mechanism {
    /// The privacy map: what a table of this sensitivity costs with this noise, exactly.
    ///
    /// # Privacy
    /// *Discrete Laplace*, epsilon = L1 / scale: for cell vectors v, w of neighbours and every output z,
    /// P(v + X = z) / P(w + X = z) = exp(sum (|z_i - w_i| - |z_i - v_i|) / scale) <= exp(|v - w|_1 / scale).
    /// *Discrete Gaussian*, rho = L2^2 / (2 sigma^2) \[CKS20\]: for one cell that moves by the integer m and alpha > 1,
    /// sum_x P(x)^alpha Q(x)^(1-alpha) = e^(alpha (alpha-1) m^2 / (2 sigma^2)) G(alpha m) / G(0), where
    /// G(c) = sum_x e^(-(x-c)^2 / (2 sigma^2)) is greatest at c = 0, for its Fourier coefficients are positive (Poisson).
    /// So the Rényi divergence is at most alpha m^2 / (2 sigma^2); independent cells add up to alpha L2^2 / (2 sigma^2).
    ///
    /// # Checked by
    /// `mechanism::tests::the_privacy_maps_are_exact`, `tests/samplers.rs::the_ratio_of_neighbours_is_bounded`
    pub fn charge(&self, sensitivity: Sensitivity) -> Result<Charge, Error> {
        self.sampler()?;
        let whole = |number: u64| Rational::from(BigInt::from(number));
        match self {
            Self::DiscreteLaplace { scale } => whole(sensitivity.l1()).checked_div(scale).map(Charge::Pure),
            Self::DiscreteGaussian { variance } => {
                whole(sensitivity.l2_squared()).checked_div(&(variance * whole(2))).map(Charge::Zcdp)
            }
        }
        .ok_or(Error::Overflow("a charge"))
    }

    /// The name that archives and the ledger use; it never changes meaning.
    pub fn name(&self) -> &'static str {
        match self {
            Self::DiscreteLaplace { .. } => "discrete-laplace",
            Self::DiscreteGaussian { .. } => "discrete-gaussian",
        }
    }

    /// `discrete-laplace scale 9/1` or `discrete-gaussian variance 41/2`.
    pub fn to_text(&self) -> String {
        let (parameter, value) = match self {
            Self::DiscreteLaplace { scale } => ("scale", scale),
            Self::DiscreteGaussian { variance } => ("variance", variance),
        };
        format!("{} {parameter} {}", self.name(), to_text(value))
    }

    /// Reads what [`Mechanism::to_text`] writes, and nothing else.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut fields = text.splitn(3, ' ');
        let (name, parameter, value) = (fields.next(), fields.next(), fields.next());
        let value = value.and_then(|value| parse_decimal(value).ok());
        let mechanism = match (name, parameter, value) {
            (Some("discrete-laplace"), Some("scale"), Some(scale)) => Some(Self::DiscreteLaplace { scale }),
            (Some("discrete-gaussian"), Some("variance"), Some(variance)) => Some(Self::DiscreteGaussian { variance }),
            (_, _, _) => None,
        };
        mechanism.filter(|mechanism| mechanism.to_text() == text && mechanism.sampler().is_ok()).ok_or(Error::Syntax {
            what: "a mechanism",
            why: "expected: discrete-laplace scale N/N or discrete-gaussian variance N/N",
        })
    }

    /// The sampler, if the parameter is in its range.
    pub(crate) fn sampler(&self) -> Result<Sampler, Error> {
        match self {
            Self::DiscreteLaplace { scale } => DiscreteLaplace::new(scale.clone()).map(Sampler::Laplace),
            Self::DiscreteGaussian { variance } => DiscreteGaussian::new(variance.clone()).map(Sampler::Gaussian),
        }
    }
}

/// A mechanism that is ready to draw.
#[derive(Debug)]
pub(crate) enum Sampler {
    Laplace(DiscreteLaplace),
    Gaussian(DiscreteGaussian),
}

impl Distribution<i64> for Sampler {
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> i64 {
        match self {
            Self::Laplace(laplace) => laplace.sample(rng),
            Self::Gaussian(gaussian) => gaussian.sample(rng),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laplace(scale: &str) -> Mechanism {
        Mechanism::DiscreteLaplace { scale: parse_decimal(scale).unwrap() }
    }

    fn gaussian(variance: &str) -> Mechanism {
        Mechanism::DiscreteGaussian { variance: parse_decimal(variance).unwrap() }
    }

    #[test]
    fn the_privacy_maps_are_exact() {
        let one = Sensitivity::new(1, 1).unwrap();
        let three = Sensitivity::new(3, 9).unwrap();
        let distinct = Sensitivity::new(3, 3).unwrap();
        let pure = |text| Charge::Pure(parse_decimal(text).unwrap());
        let zcdp = |text| Charge::Zcdp(parse_decimal(text).unwrap());
        assert_eq!(laplace("3").charge(three).unwrap(), pure("1"));
        assert_eq!(laplace("3").charge(distinct).unwrap(), pure("1"));
        assert_eq!(laplace("0.1").charge(one).unwrap(), pure("10"));
        assert_eq!(gaussian("20").charge(one).unwrap(), zcdp("1/40"));
        assert_eq!(gaussian("20").charge(three).unwrap(), zcdp("9/40"));
        assert_eq!(gaussian("20").charge(distinct).unwrap(), zcdp("3/40"));
    }

    #[test]
    fn zero_negative_and_enormous_parameters_are_refused() {
        let one = Sensitivity::new(1, 1).unwrap();
        let minus = -parse_decimal("1").unwrap();
        for scale in ["0", "1e19", "1e-20", "1e400"] {
            assert!(laplace(scale).charge(one).is_err(), "{scale}");
        }
        for variance in ["0", "1e39", "1e-39", "1e400"] {
            assert!(gaussian(variance).charge(one).is_err(), "{variance}");
        }
        assert!(Mechanism::DiscreteLaplace { scale: minus.clone() }.charge(one).is_err());
        assert!(Mechanism::DiscreteGaussian { variance: minus }.charge(one).is_err());
    }

    #[test]
    fn a_mechanism_has_one_form() {
        for text in ["discrete-laplace scale 9/1", "discrete-gaussian variance 41/2"] {
            assert_eq!(Mechanism::parse(text).unwrap().to_text(), text);
        }
        for text in [
            "",
            "discrete-laplace",
            "discrete-laplace scale",
            "discrete-laplace scale 0/1",
            "discrete-laplace scale 9",
            "discrete-laplace variance 9/1",
            "discrete-gaussian scale 9/1",
            "discrete-gaussian variance 82/4",
            "discrete-gaussian variance 41/2 ",
            "none scale 1/1",
        ] {
            assert!(Mechanism::parse(text).is_err(), "{text}");
        }
    }
}
