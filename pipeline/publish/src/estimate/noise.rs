//! What is known of a vector's noise: its name, its width, and how far it moves a number or a rank.
//!
//! All of it follows from the mechanism alone, so it is public and known before anything is released. Floating point is in
//! order here: nothing of this reaches the noise or the budget.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use utfall_estimate::combination::Combination;
use utfall_estimate::distribution::{Error, Single};
use utfall_estimate::share::Margins;
use utfall_estimate::tail::{gaussian_deviation, gaussian_margin, laplace_deviation, laplace_margin};
use utfall_estimate::variance::Variances;
use utfall_privacy::{Mechanism, Rational};

use crate::DeriveError;
use crate::estimate::distribution::single;
use utfall_ground::text::Text;

/// The noise of a measured vector, as a mechanism of the trusted core made it.
#[derive(Debug, Clone, PartialEq)]
pub enum Noise {
    /// P(x) proportional to exp(-|x| / scale).
    Laplace {
        /// The scale.
        scale: Rational,
    },
    /// P(x) proportional to exp(-x^2 / (2 variance)).
    Gaussian {
        /// The parameter sigma^2.
        variance: Rational,
    },
    /// One of so many candidates, chosen with a probability proportional to exp(score / scale).
    Exponential {
        /// How many candidates there are.
        candidates: u64,
        /// The scale, in units of the score.
        scale: Rational,
    },
    /// Laplace noise; a number is shown, and its cell named, only above the threshold.
    Thresholded {
        /// The scale.
        scale: Rational,
        /// What a noisy number must exceed.
        threshold: i64,
    },
}

/// A noise with the margins that were computed of it before: a vector that is drawn again has the same.
#[derive(Debug)]
pub struct KnownNoise {
    noise: Noise,
    /// The margins of means of sums with this noise, and of variances, by the errors of all numbers behind them.
    means: Remembered<2, Combination>,
    variances: Remembered<3, Variances>,
}

/// The margins of shares of two numbers with a noise, at a tail: tables that share a budget have the same noise, and releases are
/// rehearsed before they are published.
static SHARES: Mutex<Vec<(Single, f64, Arc<Margins>)>> = Mutex::new(Vec::new());

/// What was computed of errors before: with each, the bits of its tail.
type Found<const N: usize, T> = ([Error; N], u64, Option<Arc<T>>);

/// What was computed of errors before.
#[derive(Debug)]
struct Remembered<const N: usize, T>(Mutex<Vec<Found<N, T>>>);

impl<const N: usize, T> Default for Remembered<N, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<const N: usize, T> Remembered<N, T> {
    /// What is known of these errors at a tail, or made of them now.
    fn get(&self, errors: [Error; N], tail: f64, make: impl FnOnce(&[Error; N]) -> Option<T>) -> Option<Arc<T>> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., found)) = known().iter().find(|(of, at, _)| *at == tail.to_bits() && *of == errors) {
            return found.clone();
        }
        let made = make(&errors).map(Arc::new);
        known().push((errors, tail.to_bits(), made.clone()));
        made
    }
}

impl KnownNoise {
    /// The noise of a mechanism.
    pub(crate) fn of(mechanism: &Mechanism) -> Arc<Self> {
        Arc::new(Noise::of(mechanism).into())
    }

    /// The margins of a share of two numbers with this noise; none where it is not added to numbers.
    pub(crate) fn shares(&self, tail: f64) -> Option<Arc<Margins>> {
        let single = single(&self.noise)?;
        let known = || SHARES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., margins)) = known().iter().find(|(of, at, _)| *of == single && *at == tail) {
            return Some(Arc::clone(margins));
        }
        let margins = Arc::new(Margins::alone(single, tail));
        known().push((single, tail, Arc::clone(&margins)));
        Some(margins)
    }

    /// The margins of a mean, of a sum and a count with these errors.
    pub(crate) fn mean(&self, errors: [Error; 2], tail: f64) -> Option<Arc<Combination>> {
        self.means.get(errors, tail, |[sum, count]| Combination::two(sum, count, tail))
    }

    /// Those of a variance, of a count, a sum and a sum of squares with these errors.
    pub(crate) fn variance(&self, errors: [Error; 3], tail: f64) -> Option<Arc<Variances>> {
        self.variances.get(errors, tail, |[count, sum, squares]| Variances::new(count, sum, squares, tail))
    }
}

impl From<Noise> for KnownNoise {
    fn from(noise: Noise) -> Self {
        Self { noise, means: Remembered::default(), variances: Remembered::default() }
    }
}

impl Deref for KnownNoise {
    type Target = Noise;

    fn deref(&self) -> &Noise {
        &self.noise
    }
}

impl Noise {
    /// The noise of a mechanism. A new mechanism of the core has its arm here, and nowhere else to the right of the door.
    pub(crate) fn of(mechanism: &Mechanism) -> Self {
        match mechanism {
            Mechanism::DiscreteLaplace { scale } => Self::Laplace { scale: scale.clone() },
            Mechanism::DiscreteGaussian { variance } => Self::Gaussian { variance: variance.clone() },
            Mechanism::Exponential { candidates, scale } => Self::Exponential { candidates: *candidates, scale: scale.clone() },
            Mechanism::ThresholdedLaplace { scale, threshold } => {
                Self::Thresholded { scale: scale.clone(), threshold: i64::try_from(*threshold).unwrap_or(i64::MAX) }
            }
        }
    }

    /// Its plain name.
    pub(crate) fn name(&self) -> Text {
        match self {
            Self::Laplace { .. } => text("diskret Laplacebrus", "discrete Laplace noise"),
            Self::Gaussian { .. } => text("diskret normalfördelat brus", "discrete Gaussian noise"),
            Self::Exponential { .. } => text("exponentiell mekanism", "exponential mechanism"),
            Self::Thresholded { .. } => text("diskret Laplacebrus med tröskel", "discrete Laplace noise with a threshold"),
        }
    }

    /// Its parameters, by name and exact value.
    pub(crate) fn parameters(&self) -> Text {
        match self {
            Self::Laplace { scale } => text(format!("skala {scale}"), format!("scale {scale}")),
            Self::Gaussian { variance } => text(format!("varians {variance}"), format!("variance {variance}")),
            Self::Exponential { candidates, scale } => text(
                format!("skala {scale}, {candidates} möjliga värden"),
                format!("scale {scale}, {candidates} possible values"),
            ),
            Self::Thresholded { scale, threshold } => {
                text(format!("skala {scale}, tröskel {threshold}"), format!("scale {scale}, threshold {threshold}"))
            }
        }
    }

    /// The threshold below which numbers are not shown, if there is one.
    pub(crate) fn threshold(&self) -> Option<i64> {
        match self {
            Self::Thresholded { threshold, .. } => Some(*threshold),
            Self::Laplace { .. } | Self::Gaussian { .. } | Self::Exponential { .. } => None,
        }
    }

    /// The smallest whole number `h` with P(|noise| <= h) >= 1 - `tail`. An error if nothing is added, but a value chosen.
    ///
    /// With a threshold it holds of the noise as drawn, before it is known which numbers are shown.
    pub(crate) fn margin(&self, tail: f64) -> Result<i64, DeriveError> {
        let parameter = self.parameter()?;
        let h = match self {
            Self::Laplace { .. } | Self::Thresholded { .. } => laplace_margin(parameter, tail),
            Self::Gaussian { .. } => gaussian_margin(parameter, tail),
            Self::Exponential { .. } => return Err(DeriveError::Chosen),
        };
        // Whole numbers below 2^53 are exact.
        if h < 9e15 { Ok(h as i64) } else { Err(DeriveError::Noise(parameter)) }
    }

    /// The standard deviation of what is added to a number; none where a value is chosen.
    pub(crate) fn standard_deviation(&self) -> Option<f64> {
        let parameter = self.parameter().ok()?;
        match self {
            Self::Laplace { .. } | Self::Thresholded { .. } => Some(laplace_deviation(parameter)),
            Self::Gaussian { .. } => Some(gaussian_deviation(parameter)),
            Self::Exponential { .. } => None,
        }
    }

    /// How far the score of the chosen candidate is below the best one at most, but for a probability `tail`.
    ///
    /// The utility bound of the exponential mechanism (McSherry and Talwar 2007): each candidate that is worse by more
    /// than t has at most exp(-t / scale) times the best one's probability, so all of them together have at most
    /// candidates exp(-t / scale), which is `tail` at t = scale ln(candidates / tail).
    pub(crate) fn shortfall(&self, tail: f64) -> Option<f64> {
        match self {
            Self::Exponential { candidates, .. } => Some(self.parameter().ok()? * (*candidates as f64 / tail).ln()),
            Self::Laplace { .. } | Self::Gaussian { .. } | Self::Thresholded { .. } => None,
        }
    }

    /// The one parameter of its width: a scale or a variance.
    pub(super) fn parameter(&self) -> Result<f64, DeriveError> {
        let parameter = match self {
            Self::Laplace { scale } | Self::Exponential { scale, .. } | Self::Thresholded { scale, .. } => to_f64(scale),
            Self::Gaussian { variance } => to_f64(variance),
        };
        if parameter > 0.0 && parameter < 1e30 { Ok(parameter) } else { Err(DeriveError::Noise(parameter)) }
    }
}

fn text(sv: impl Into<String>, en: impl Into<String>) -> Text {
    Text { sv: sv.into(), en: en.into() }
}

/// By way of decimal text, which Rust reads correctly rounded. Not a number where it is beyond what a float can hold.
fn to_f64(value: &Rational) -> f64 {
    let part = |integer: String| integer.parse::<f64>().unwrap_or(f64::NAN);
    part(value.numer().to_string()) / part(value.denom().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{exponential, gaussian, laplace};

    const LEVELS: [&str; 6] = ["0.5", "0.8", "0.9", "0.95", "0.99", "0.999"];

    fn margin(noise: &Noise, level: &str) -> i64 {
        noise.margin(1.0 - level.parse::<f64>().unwrap()).unwrap()
    }

    /// Margin and standard deviation from the bare definition, the weights summed one by one.
    fn brute(weight: impl Fn(f64) -> f64, level: f64) -> (i64, f64) {
        let all: Vec<f64> = (0..20_000).map(|x| weight(f64::from(x)) * if x == 0 { 1.0 } else { 2.0 }).collect();
        let total: f64 = all.iter().rev().sum();
        let mut sum = 0.0;
        let margin = all.iter().position(|w| {
            sum += w;
            sum / total >= level
        });
        let moment: f64 = all.iter().enumerate().map(|(x, w)| (x * x) as f64 * w).sum();
        (margin.unwrap() as i64, (moment / total).sqrt())
    }

    #[test]
    fn laplace_against_brute_force() {
        for (numerator, denominator) in [(1, 10), (1, 1), (3, 2), (6, 1), (9, 1), (101, 7), (300, 1)] {
            let mechanism = laplace(numerator, denominator);
            let scale = numerator as f64 / denominator as f64;
            for level in LEVELS {
                let (h, sd) = brute(|x| (-x / scale).exp(), level.parse().unwrap());
                assert_eq!(margin(&mechanism, level), h, "scale {scale}, level {level}");
                assert!((mechanism.standard_deviation().unwrap() / sd - 1.0).abs() < 1e-9, "scale {scale}");
            }
        }
    }

    #[test]
    fn gaussian_against_brute_force() {
        for (numerator, denominator) in [(1, 20), (1, 2), (1, 1), (99, 10), (101, 10), (162, 1), (500_000, 3)] {
            let mechanism = gaussian(numerator, denominator);
            let variance = numerator as f64 / denominator as f64;
            for level in LEVELS {
                let (h, sd) = brute(|x| (-x * x / (2.0 * variance)).exp(), level.parse().unwrap());
                assert_eq!(margin(&mechanism, level), h, "variance {variance}, level {level}");
                assert!((mechanism.standard_deviation().unwrap() / sd - 1.0).abs() < 1e-9, "variance {variance}");
            }
        }
    }

    #[test]
    fn wide_noise_is_rounded_up_a_little() {
        let sigma = 4_531_000.0;
        let margin = margin(&gaussian(4_531_000 * 4_531_000, 1), "0.95") as f64;
        assert!(margin >= 1.959_963 * sigma && margin < 1.9603 * sigma, "{margin}");
        assert!(laplace(i64::MAX, 1).margin(0.05).is_err());
        assert!(laplace(0, 1).margin(0.05).is_err());
    }

    #[test]
    fn the_choice_of_an_exponential_mechanism_is_within_its_shortfall() {
        // The worst case of the bound: one best candidate, all others worse by just more than the shortfall.
        let noise = exponential(101, 4, 1);
        for tail in [0.2, 0.05, 0.001] {
            let shortfall = noise.shortfall(tail).unwrap();
            let worse = 100.0 * (-shortfall / 4.0).exp();
            assert!(worse / (1.0 + worse) <= tail && worse / (1.0 + worse) > 0.75 * tail);
        }
        assert!(matches!(noise.margin(0.05), Err(DeriveError::Chosen)));
        assert_eq!((noise.standard_deviation(), laplace(1, 1).shortfall(0.05)), (None, None));
    }
}
