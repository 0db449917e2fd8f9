//! From a release's budget to the noise of its tables: the budget split evenly, the noise family with the lower variance.
//!
//! Looks at public sizes and declared bounds only.

use utfall_privacy::accountant::admits;
use utfall_privacy::conversion::rho_for;
use utfall_privacy::rational::round_up;
use utfall_privacy::{Budget, Error, Measurement, Mechanism, Rational, Sensitivity, ThresholdedLaplace};

/// A vector before its noise is chosen.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Its name in ledger and archive.
    pub name: String,
    /// Its cells.
    pub cells: usize,
    /// How far one person moves it.
    pub sensitivity: Sensitivity,
    /// How it is drawn.
    pub draw: Draw,
}

/// How a vector is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Draw {
    /// Noise on every cell, with an equal share of the budget.
    Noise,
    /// Noise on every cell, of exactly this epsilon.
    Own(Rational),
    /// One of so many values is selected per cell, with an equal share of the budget.
    Choice(u64),
    /// Noise on every group that exists, shown above a threshold: an equal share of epsilon, and this delta.
    Keys(Rational),
}

/// The measurements of a release: each vector gets an equal share of the budget.
///
/// # Privacy
/// *Laplace*: with scale `T l1 / epsilon` each of `T` vectors costs `epsilon / T`, together `epsilon`; a selection with
/// scale `2 T l1 / epsilon` costs the same. *Gaussian*: with variance `T l2^2 / (2 rho)` each costs `rho / T`, together
/// `rho = rho_for(epsilon, delta)`; a selection of pure cost `e` with `e^2 / 2 <= rho / T` costs no more. Scales and
/// variances are rounded up. The result is checked against the budget by the accountant's own filter.
///
/// # Errors
/// When the budget admits no noise family (epsilon 0) or a vector has no cells.
pub fn measurements(budget: &Budget, shapes: &[Shape]) -> Result<Vec<Measurement>, Error> {
    let own = shapes.iter().filter_map(|s| if let Draw::Own(epsilon) = &s.draw { Some(epsilon) } else { None });
    let (mut epsilon, mut rho, mut tables) = (budget.epsilon().clone(), rho_for(budget), shapes.len());
    for part in own {
        epsilon = less(&epsilon, part);
        rho = less(&rho, &half_square(part));
        tables = tables.saturating_sub(1);
    }
    let laplace = family(shapes, |s| of_laplace(&epsilon, tables, s));
    let gaussian = family(shapes, |s| of_gaussian(&rho, tables, s));
    let chosen = match (laplace, gaussian) {
        (Some(l), Some(g)) if spread(&g, shapes) < spread(&l, shapes) => g,
        (Some(l), _) => l,
        (None, Some(g)) => g,
        (None, None) => return Err(Error::Request("the budget of the release is zero; declare epsilon above 0")),
    };
    let mut measurements = Vec::new();
    for (shape, mechanism) in shapes.iter().zip(chosen) {
        let cells = u64::try_from(shape.cells).map_err(|_| Error::Overflow("a table's number of cells"))?;
        measurements.push(Measurement::new(&shape.name, cells, shape.sensitivity, mechanism)?);
    }
    let charges = measurements.iter().map(|m| m.mechanism().charge(m.sensitivity())).collect::<Result<Vec<_>, _>>()?;
    if admits(budget, &charges) {
        Ok(measurements)
    } else {
        Err(Error::Request("the tables cost more than the release's budget"))
    }
}

/// A family of noise for every vector, if the budget admits it.
fn family(shapes: &[Shape], of: impl Fn(&Shape) -> Option<Mechanism>) -> Option<Vec<Mechanism>> {
    shapes.iter().map(of).collect()
}

fn whole(n: u64) -> Rational {
    Rational::from_integer(n.into())
}

fn count(tables: usize) -> Rational {
    Rational::from_integer(tables.into())
}

#[allow(clippy::arithmetic_side_effects, reason = "rationals of unbounded integers neither wrap nor round")]
fn less(a: &Rational, b: &Rational) -> Rational {
    a - b
}

/// What a pure epsilon costs in zCDP.
#[allow(clippy::arithmetic_side_effects, reason = "rationals of unbounded integers neither wrap nor round")]
fn half_square(epsilon: &Rational) -> Rational {
    epsilon * epsilon / whole(2)
}

/// The mechanism of a vector that may cost so much pure epsilon.
#[allow(clippy::arithmetic_side_effects, reason = "rationals of unbounded integers neither wrap nor round")]
fn pure(epsilon: &Rational, shape: &Shape) -> Option<Mechanism> {
    let scale =
        |epsilon: &Rational| (*epsilon > whole(0)).then(|| round_up(&(whole(shape.sensitivity.l1()) / epsilon), 1_000_000));
    Some(match &shape.draw {
        Draw::Noise => Mechanism::DiscreteLaplace { scale: scale(epsilon)? },
        Draw::Own(own) => Mechanism::DiscreteLaplace { scale: scale(own)? },
        Draw::Choice(candidates) => Mechanism::Exponential { candidates: *candidates, scale: scale(epsilon)? * whole(2) },
        Draw::Keys(delta) => {
            let scale = scale(epsilon)?;
            let threshold = ThresholdedLaplace::for_delta(&scale, shape.sensitivity.l1(), delta).ok()?;
            Mechanism::ThresholdedLaplace { scale, threshold }
        }
    })
}

#[allow(clippy::arithmetic_side_effects, reason = "rationals of unbounded integers neither wrap nor round")]
fn of_laplace(epsilon: &Rational, tables: usize, shape: &Shape) -> Option<Mechanism> {
    pure(&(epsilon / count(tables.max(1))), shape)
}

#[allow(clippy::arithmetic_side_effects, reason = "rationals of unbounded integers neither wrap nor round")]
fn of_gaussian(rho: &Rational, tables: usize, shape: &Shape) -> Option<Mechanism> {
    if *rho <= whole(0) {
        return None;
    }
    let share = rho / count(tables.max(1));
    if shape.draw == Draw::Noise {
        let variance = whole(shape.sensitivity.l2_squared()) / (whole(2) * share);
        return Some(Mechanism::DiscreteGaussian { variance: round_up(&variance, 1_000) });
    }
    // The greatest epsilon on a grid of millionths with epsilon^2 / 2 <= share.
    let grid = whole(1_000_000);
    let epsilon = Rational::new((share * whole(2) * &grid * &grid).floor().to_integer().sqrt(), grid.to_integer());
    pure(&epsilon, shape)
}

/// The sum of the variances, each as a multiple of what one person can do squared, so that kronor do not outweigh counts.
#[allow(clippy::arithmetic_side_effects, reason = "rationals of unbounded integers neither wrap nor round")]
fn spread(mechanisms: &[Mechanism], shapes: &[Shape]) -> Rational {
    let one = |(mechanism, shape): (&Mechanism, &Shape)| {
        let unit = whole(shape.sensitivity.l1()) * whole(shape.sensitivity.l1());
        match mechanism {
            Mechanism::DiscreteLaplace { scale }
            | Mechanism::Exponential { scale, .. }
            | Mechanism::ThresholdedLaplace { scale, .. } => whole(2) * scale * scale / unit,
            Mechanism::DiscreteGaussian { variance } => variance / unit,
        }
    };
    mechanisms.iter().zip(shapes).map(one).fold(whole(0), |a, b| a + b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(epsilon: &str, delta: &str) -> Budget {
        Budget::parse(epsilon, delta).unwrap()
    }

    fn counts(k: u64) -> Sensitivity {
        Sensitivity::new(k, k * k).unwrap()
    }

    fn shape(name: &str, sensitivity: Sensitivity, candidates: Option<u64>) -> Shape {
        Shape { name: name.into(), cells: 10, sensitivity, draw: candidates.map_or(Draw::Noise, Draw::Choice) }
    }

    #[test]
    fn few_tables_get_laplace_noise_and_many_get_gaussian() {
        let few: Vec<Shape> = ["a", "b", "c"].map(|n| shape(n, counts(3), None)).to_vec();
        let few = measurements(&budget("1", "1e-6"), &few).unwrap();
        assert!(few.iter().all(|m| m.mechanism().to_text() == "discrete-laplace scale 9/1"));
        let many: Vec<Shape> = (0..40).map(|i| shape(&format!("t{i}"), counts(3), None)).collect();
        let many = measurements(&budget("1", "1e-6"), &many).unwrap();
        assert!(many.iter().all(|m| m.mechanism().to_text().starts_with("discrete-gaussian")));
    }

    #[test]
    fn a_pure_budget_gets_laplace_noise_and_no_budget_nothing() {
        let one = measurements(&budget("1/2", "0"), &[shape("a", counts(2), None)]).unwrap();
        assert_eq!(one[0].mechanism().to_text(), "discrete-laplace scale 4/1");
        assert!(measurements(&budget("0", "0"), &[shape("a", counts(2), None)]).is_err());
    }

    #[test]
    fn a_selection_gets_its_share_in_either_family() {
        let scores = shape("q", counts(6), Some(121));
        let pair = measurements(&budget("1", "1e-6"), &[shape("n", counts(3), None), scores.clone()]).unwrap();
        assert_eq!(pair[1].mechanism().to_text(), "exponential candidates 121 scale 24/1");
        let mut many: Vec<Shape> = (0..40).map(|i| shape(&format!("t{i}"), counts(3), None)).collect();
        many.push(scores);
        let many = measurements(&budget("1", "1e-6"), &many).unwrap();
        assert!(many[0].mechanism().to_text().starts_with("discrete-gaussian"));
        assert!(many[40].mechanism().to_text().starts_with("exponential candidates 121 scale "));
    }

    #[test]
    fn a_part_with_its_own_epsilon_is_taken_off_first() {
        let own =
            Shape { draw: Draw::Own(utfall_privacy::rational::parse_decimal("0.1").unwrap()), ..shape("b", counts(1), None) };
        let pair = measurements(&budget("1", "1e-6"), &[shape("a", counts(3), None), own]).unwrap();
        let texts: Vec<String> = pair.iter().map(|m| m.mechanism().to_text()).collect();
        assert_eq!(texts, ["discrete-laplace scale 1666667/500000", "discrete-laplace scale 10/1"]);
    }

    #[test]
    fn private_keys_cost_delta_of_their_own() {
        let delta = utfall_privacy::rational::parse_decimal("1e-7").unwrap();
        let keys = Shape { cells: 0, draw: Draw::Keys(delta.clone()), ..shape("k", counts(3), None) };
        assert!(measurements(&budget("1", "1e-6"), std::slice::from_ref(&keys)).is_err(), "no delta is set aside for keys");
        let set_aside = budget("1", "1e-6").with_keys_delta(delta).unwrap();
        let keys = measurements(&set_aside, &[keys]).unwrap();
        assert!(keys[0].mechanism().to_text().starts_with("thresholded-laplace scale 3/1 threshold "));
    }
}
