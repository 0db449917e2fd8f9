//! The mechanisms: what noise a table gets, and what that costs.
//!
//! One file per sampler. To add a mechanism, add its file and its variant; the compiler names the remaining arms.

mod discrete_gaussian;
mod discrete_laplace;
mod exponential;
mod thresholded_laplace;

pub use discrete_gaussian::DiscreteGaussian;
pub use discrete_laplace::DiscreteLaplace;
pub use exponential::Exponential;
pub use thresholded_laplace::ThresholdedLaplace;

use num_bigint::BigInt;
use num_traits::CheckedDiv;
use rand::Rng;
use rand_distr::Distribution;

use crate::conversion::laplace_divergence;
use crate::error::Error;
use crate::measure::Loss;
use crate::metric::Sensitivity;
use crate::rational::{Rational, to_text};
use crate::text::Fields;

/// What is done to every cell of a table, independently: integer noise is added, or a candidate is chosen.
///
/// # Privacy
/// What it costs is [`Mechanism::loss`]; that the noise is what it says, the samplers' documentation.
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
    /// A cell is one of `candidates`, c with probability proportional to exp(u(c) / scale) for exact integer scores u.
    Exponential {
        /// The number of candidates, and of scores behind each cell; see [`Exponential::new`] for the ranges.
        candidates: u64,
        /// The scale.
        scale: Rational,
    },
    /// A table whose keys are private: the noise of `DiscreteLaplace`, and only sums above the threshold are published.
    ThresholdedLaplace {
        /// The scale.
        scale: Rational,
        /// What a published count exceeds; see [`ThresholdedLaplace::delta`].
        threshold: u64,
    },
}

impl Mechanism {
    /// The privacy map: what a table of this sensitivity costs with this noise, divergences in this order.
    ///
    /// # Privacy
    /// *Discrete Laplace*, epsilon = L1 / scale: for cell vectors v, w of neighbours and every output z,
    /// P(v + X = z) / P(w + X = z) = exp(sum (|z_i - w_i| - |z_i - v_i|) / scale) <= exp(|v - w|_1 / scale). Its divergence is that of
    /// [`laplace_divergence`], or of [`Loss::pure`] if that is less.
    /// *Discrete Gaussian*, rho = L2^2 / (2 sigma^2) \[CKS20\]: for one cell that moves by the integer m and alpha > 1,
    /// sum_x P(x)^alpha Q(x)^(1-alpha) = e^(alpha (alpha-1) m^2 / (2 sigma^2)) G(alpha m) / G(0), where
    /// G(c) = sum_x e^(-(x-c)^2 / (2 sigma^2)) is greatest at c = 0, for its Fourier coefficients are positive (Poisson).
    /// So the Rényi divergence is at most alpha m^2 / (2 sigma^2); independent cells add up to alpha L2^2 / (2 sigma^2).
    /// *Exponential*, epsilon = 2 L1 / scale, where L1 is the sum over cells of the largest change of any score of the
    /// cell: if no score of cell j moves by more than D_j, then e^(u(c)/scale) and the sum of all of them move by factors of at
    /// most e^(D_j/scale), and their quotient by e^(2 D_j/scale) \[MT07\]. Cells are independent, and the D_j add up to L1.
    /// And rho = epsilon^2/8 \[CR21\]: ln P/P' of a cell lies within an interval of length e = 2 D_j / scale, for the quotient of
    /// two candidates' probabilities moves by a factor of at most e^e. Let K(a) = ln E'\[(P/P')^a\]; then K(0) = K(1) = 0, and K'' is
    /// the variance of a variable within that interval, at most e^2/4. So a (a-1) e^2/8 - K(a) is convex and zero at 0 and 1, hence
    /// not negative for a > 1, and the divergence of order a is at most a e^2/8; the squares of the e add up to at most epsilon^2.
    /// *Thresholded Laplace*, epsilon = L1 / scale and [`ThresholdedLaplace::delta`], proven at [`ThresholdedLaplace`].
    ///
    /// # Checked by
    /// `mechanism::tests::the_privacy_maps_are_exact`, `tests/samplers.rs::the_ratio_of_neighbours_is_bounded`,
    /// `tests/samplers.rs::the_ratio_of_choices_is_bounded`, `tests/accounting.rs`
    pub fn loss(&self, sensitivity: Sensitivity, order: &Rational) -> Result<Loss, Error> {
        self.sampler()?;
        let whole = |number: u64| Rational::from(BigInt::from(number));
        let per = |moves: Rational, noise: &Rational| moves.checked_div(noise).ok_or(Error::Overflow("a loss"));
        let l1 = whole(sensitivity.l1());
        Ok(match self {
            Self::DiscreteLaplace { scale } => {
                let loss = Loss::pure(per(l1, scale)?, order);
                let exact = loss.epsilon.iter().map(|epsilon| laplace_divergence(epsilon, scale, order));
                Loss { divergence: exact.fold(loss.divergence.clone(), Rational::min), ..loss }
            }
            Self::DiscreteGaussian { variance } => {
                Loss::new(None, per(whole(sensitivity.l2_squared()), &(variance * whole(2)))?, order)
            }
            Self::Exponential { candidates: _, scale } => {
                let epsilon = per(l1 * whole(2), scale)?;
                let rho = &epsilon * &epsilon / whole(8);
                Loss::new(Some(epsilon), rho, order)
            }
            Self::ThresholdedLaplace { scale, threshold } => {
                let delta = ThresholdedLaplace::delta(scale, sensitivity.l1(), *threshold)?;
                Loss { delta, ..Loss::pure(per(l1, scale)?, order) }
            }
        })
    }

    /// The name that archives and the ledger use; it never changes meaning.
    pub fn name(&self) -> &'static str {
        match self {
            Self::DiscreteLaplace { .. } => "discrete-laplace",
            Self::DiscreteGaussian { .. } => "discrete-gaussian",
            Self::Exponential { .. } => "exponential",
            Self::ThresholdedLaplace { .. } => "thresholded-laplace",
        }
    }

    /// `discrete-laplace scale 9/1`, `discrete-gaussian variance 41/2`, `exponential candidates 121 scale 6/1` or
    /// `thresholded-laplace scale 9/1 threshold 130`.
    pub fn to_text(&self) -> String {
        let name = self.name();
        match self {
            Self::DiscreteLaplace { scale } => format!("{name} scale {}", to_text(scale)),
            Self::DiscreteGaussian { variance } => format!("{name} variance {}", to_text(variance)),
            Self::Exponential { candidates, scale } => format!("{name} candidates {candidates} scale {}", to_text(scale)),
            Self::ThresholdedLaplace { scale, threshold } => format!("{name} scale {} threshold {threshold}", to_text(scale)),
        }
    }

    /// Reads what [`Mechanism::to_text`] writes.
    pub(crate) fn read(fields: &mut Fields<'_>) -> Option<Self> {
        match fields.next()? {
            "discrete-laplace" => Some(Self::DiscreteLaplace { scale: fields.number("scale")? }),
            "discrete-gaussian" => Some(Self::DiscreteGaussian { variance: fields.number("variance")? }),
            "exponential" => Some(Self::Exponential { candidates: fields.take("candidates")?, scale: fields.number("scale")? }),
            "thresholded-laplace" => {
                Some(Self::ThresholdedLaplace { scale: fields.number("scale")?, threshold: fields.take("threshold")? })
            }
            _ => None,
        }
    }

    /// Whether the keys of its tables are private, so that they have no list of cells.
    pub fn has_private_keys(&self) -> bool {
        match self {
            Self::DiscreteLaplace { .. } | Self::DiscreteGaussian { .. } | Self::Exponential { .. } => false,
            Self::ThresholdedLaplace { .. } => true,
        }
    }

    /// How many exact integers are behind one cell.
    pub(crate) fn integers_per_cell(&self) -> u64 {
        match self {
            Self::DiscreteLaplace { .. } | Self::DiscreteGaussian { .. } | Self::ThresholdedLaplace { .. } => 1,
            Self::Exponential { candidates, .. } => *candidates,
        }
    }

    /// Whether the mechanism can publish this integer in a cell.
    pub(crate) fn can_publish(&self, value: i64) -> bool {
        match self {
            Self::DiscreteLaplace { .. } | Self::DiscreteGaussian { .. } => true,
            Self::Exponential { candidates, .. } => u64::try_from(value).is_ok_and(|value| value < *candidates),
            Self::ThresholdedLaplace { threshold, .. } => thresholded_laplace::passes(*threshold, value),
        }
    }

    /// The sampler, if the parameter is in its range.
    pub(crate) fn sampler(&self) -> Result<Sampler, Error> {
        match self {
            Self::DiscreteLaplace { scale } => DiscreteLaplace::new(scale.clone()).map(Sampler::Laplace),
            Self::DiscreteGaussian { variance } => DiscreteGaussian::new(variance.clone()).map(Sampler::Gaussian),
            Self::Exponential { candidates, scale } => Exponential::new(*candidates, scale).map(Sampler::Exponential),
            Self::ThresholdedLaplace { scale, threshold } => {
                ThresholdedLaplace::new(scale.clone(), *threshold).map(Sampler::Thresholded)
            }
        }
    }
}

/// A mechanism that is ready to draw.
#[derive(Debug)]
pub(crate) enum Sampler {
    Laplace(DiscreteLaplace),
    Gaussian(DiscreteGaussian),
    Exponential(Exponential),
    Thresholded(ThresholdedLaplace),
}

impl Sampler {
    /// The noise of that many cells, before any value is looked at; none if the mechanism adds none.
    pub(crate) fn noise<R: Rng + ?Sized>(&self, cells: usize, rng: &mut R) -> Vec<i64> {
        match self {
            Self::Laplace(laplace) => laplace.sample_iter(rng).take(cells).collect(),
            Self::Gaussian(gaussian) => gaussian.sample_iter(rng).take(cells).collect(),
            Self::Exponential(_) => Vec::new(),
            Self::Thresholded(thresholded) => thresholded.noise(cells, rng),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rational::parse_decimal;
    use crate::text::tests::of_line;

    fn laplace(scale: &str) -> Mechanism {
        Mechanism::DiscreteLaplace { scale: parse_decimal(scale).unwrap() }
    }

    fn gaussian(variance: &str) -> Mechanism {
        Mechanism::DiscreteGaussian { variance: parse_decimal(variance).unwrap() }
    }

    fn exponential(candidates: u64, scale: &str) -> Mechanism {
        Mechanism::Exponential { candidates, scale: parse_decimal(scale).unwrap() }
    }

    #[test]
    fn the_privacy_maps_are_exact() {
        let one = Sensitivity::new(1, 1).unwrap();
        let three = Sensitivity::new(3, 9).unwrap();
        let distinct = Sensitivity::new(3, 3).unwrap();
        let (number, order) = (|text| parse_decimal(text).unwrap(), parse_decimal("3").unwrap());
        let of = |mechanism: &Mechanism, sensitivity| mechanism.loss(sensitivity, &order).unwrap();
        for (mechanism, sensitivity, epsilon, rho) in [
            (laplace("3"), three, Some("1"), "1/2"),
            (laplace("3"), distinct, Some("1"), "1/2"),
            (laplace("0.1"), one, Some("10"), "50"),
            (gaussian("20"), one, None, "1/40"),
            (gaussian("20"), three, None, "9/40"),
            (gaussian("20"), distinct, None, "3/40"),
            (exponential(2, "6"), three, Some("1"), "1/8"),
            (exponential(100, "6"), one, Some("1/3"), "1/72"),
        ] {
            let loss = of(&mechanism, sensitivity);
            assert_eq!((&loss.epsilon, &loss.rho), (&epsilon.map(number), &number(rho)), "{mechanism:?}");
            assert!(loss.delta == number("0") && loss.divergence <= &loss.rho * &order, "{mechanism:?}");
            assert!(loss.epsilon.is_none_or(|epsilon| loss.divergence <= epsilon), "{mechanism:?}");
        }
        // A divergence of Laplace noise is less than what its epsilon implies.
        let exact = of(&laplace("6"), distinct).divergence;
        assert!(exact < number("0.276") && exact > number("0.275"), "{exact}");
        assert_eq!(of(&exponential(2, "12"), distinct).divergence, number("3/32"));
        assert_eq!(of(&gaussian("20"), distinct).divergence, number("9/40"));
        let thresholded = Mechanism::ThresholdedLaplace { scale: number("9"), threshold: 130 };
        let loss = of(&thresholded, three);
        assert_eq!((loss.epsilon, loss.divergence), (Some(number("1/3")), number("1/6")));
        assert_eq!(loss.delta, ThresholdedLaplace::delta(&number("9"), 3, 130).unwrap());
    }

    #[test]
    fn zero_negative_and_enormous_parameters_are_refused() {
        let one = Sensitivity::new(1, 1).unwrap();
        let (minus, order) = (-parse_decimal("1").unwrap(), parse_decimal("2").unwrap());
        for scale in ["0", "1e19", "1e-20", "1e400"] {
            assert!(laplace(scale).loss(one, &order).is_err(), "{scale}");
        }
        for variance in ["0", "1e39", "1e-39", "1e400"] {
            assert!(gaussian(variance).loss(one, &order).is_err(), "{variance}");
        }
        assert!(exponential(1, "1").loss(one, &order).is_err() && exponential(2, "0").loss(one, &order).is_err());
        assert!(Mechanism::DiscreteLaplace { scale: minus.clone() }.loss(one, &order).is_err());
        assert!(Mechanism::DiscreteGaussian { variance: minus }.loss(one, &order).is_err());
    }

    #[test]
    fn a_mechanism_has_one_form() {
        for text in [
            "discrete-laplace scale 9/1",
            "discrete-gaussian variance 41/2",
            "exponential candidates 121 scale 6/1",
            "thresholded-laplace scale 9/1 threshold 130",
        ] {
            assert!(of_line(text, Mechanism::read, Mechanism::to_text).is_some(), "{text}");
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
            "thresholded-laplace scale 9/1",
            "thresholded-laplace scale 9/1 threshold 0130",
            "thresholded-laplace scale 9/1 threshold -1",
            "thresholded-laplace threshold 130 scale 9/1",
            "thresholded-laplace scale 0/1 threshold 130",
            "exponential scale 6/1",
            "exponential scale 6/1 candidates 121",
            "exponential candidates 0121 scale 6/1",
            "exponential candidates 1 scale 6/1",
            "exponential candidates 121 scale 12/2",
            "exponential candidates 121 scale 6/1 ",
            "exponential candidates 121 scale 6/1 more",
        ] {
            assert!(of_line(text, Mechanism::read, Mechanism::to_text).is_none_or(|it| it.sampler().is_err()), "{text}");
        }
    }
}
