//! From a release's budget and a choice of shares to the noise of its tables.
//!
//! Looks at public sizes and declared bounds only.

use utfall_ground::spending::{rho_for, suffices};
use utfall_privacy::rational::round_up;
use utfall_privacy::{Budget, Error, Measurement, Mechanism, Proved, Rational, ThresholdedLaplace};

/// A vector before its noise is chosen.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Its name in ledger and archive.
    pub name: String,
    /// Its cells.
    pub cells: usize,
    /// The proof of how far one person moves it.
    pub proved: Proved,
    /// How it is drawn.
    pub draw: Draw,
    /// Whether it is not drawn, but follows from others.
    pub follows: bool,
}

/// How a vector is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Draw {
    /// Noise on every cell, with a share of the budget.
    Noise,
    /// Noise on every cell, of exactly this epsilon.
    Own(Rational),
    /// One of so many values is selected per cell, with a share of the budget.
    Choice(u64),
    /// Noise on every group that exists, shown above a threshold: a share of epsilon, and this delta.
    Keys(Rational),
}

/// What is divided among the vectors: epsilon for Laplace noise, rho for Gaussian noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoiseFamily {
    /// Discrete Laplace noise.
    Laplace,
    /// Discrete Gaussian noise.
    Gaussian,
}

/// Shares are counted in millionths.
pub(super) const WHOLE: u64 = 1_000_000;

/// How a budget is divided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The noise.
    pub family: NoiseFamily,
    /// The share of each vector, in parts of [`WHOLE`]; of [`Draw::Own`] it is not looked at. Together at most the whole.
    pub shares: Vec<u64>,
}

/// What the vectors share of a budget, in the terms of either noise.
#[derive(Debug, Clone)]
pub(super) struct SharedBudget {
    /// For Laplace noise.
    pub(super) epsilon: Rational,
    /// For Gaussian noise; 0 without delta.
    pub(super) rho: Rational,
}

/// What is left of a budget for the vectors that share it, after those with an epsilon of their own.
pub(super) fn shared(budget: &Budget, shapes: &[Shape]) -> SharedBudget {
    let own = shapes.iter().filter_map(|s| if let Draw::Own(epsilon) = &s.draw { Some(epsilon) } else { None });
    let whole = SharedBudget { epsilon: budget.epsilon().clone(), rho: rho_for(budget) };
    own.fold(whole, |SharedBudget { epsilon, rho }, part| SharedBudget {
        epsilon: less(&epsilon, part),
        rho: less(&rho, &half_square(part)),
    })
}

/// The measurements of a release, by a choice of shares.
///
/// # Privacy
/// Let x be a vector's share. *Laplace*: with scale `l1 / (x epsilon)` it costs `x epsilon`, and a selection with scale
/// `2 l1 / (x epsilon)` costs the same; all together `epsilon`. *Gaussian*: with variance `l2^2 / (2 x rho)` it costs `x rho`,
/// together `rho = rho_for(epsilon, delta)`; a selection of pure cost `e` with `e^2 / 8 <= x rho` costs no more. Scales and
/// variances are rounded up. Whoever chose the shares need not be trusted: the result is checked against the budget by the
/// accountant's own filter.
///
/// # Errors
/// When the budget does not admit the noise (epsilon 0; Gaussian noise without delta), a share is zero, or a vector has no
/// cells.
pub(super) fn measurements(budget: &Budget, shapes: &[Shape], choice: &Choice) -> Result<Vec<Measurement>, Error> {
    let SharedBudget { epsilon, rho } = shared(budget, shapes);
    let mut measurements = Vec::new();
    for (shape, share) in shapes.iter().zip(&choice.shares).filter(|(shape, _)| !shape.follows) {
        let mechanism = match choice.family {
            NoiseFamily::Laplace => pure(&part(&epsilon, *share), shape),
            NoiseFamily::Gaussian => of_gaussian(&part(&rho, *share), shape),
        };
        let mechanism = mechanism.ok_or(Error::Request("the budget of the release is zero; declare epsilon above 0"))?;
        let cells = u64::try_from(shape.cells).map_err(|_| Error::Overflow("a table's number of cells"))?;
        measurements.push(Measurement::new(&shape.name, cells, &shape.proved, mechanism)?);
    }
    if measurements.len() != shapes.iter().filter(|shape| !shape.follows).count() {
        return Err(Error::Request("not every table has a share of the budget"));
    }
    if suffices(budget, &measurements)? {
        Ok(measurements)
    } else {
        Err(Error::Request("the tables cost more than the release's budget"))
    }
}

fn whole(n: u64) -> Rational {
    Rational::from_integer(n.into())
}

#[allow(clippy::arithmetic_side_effects, reason = "rationals of unbounded integers neither wrap nor round")]
fn part(whole_of: &Rational, share: u64) -> Rational {
    whole_of * whole(share) / whole(WHOLE)
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
    let scale = |epsilon: &Rational| {
        (*epsilon > whole(0)).then(|| round_up(&(whole(shape.proved.sensitivity().l1()) / epsilon), 1_000_000))
    };
    Some(match &shape.draw {
        Draw::Noise => Mechanism::DiscreteLaplace { scale: scale(epsilon)? },
        Draw::Own(own) => Mechanism::DiscreteLaplace { scale: scale(own)? },
        Draw::Choice(candidates) => Mechanism::Exponential { candidates: *candidates, scale: scale(epsilon)? * whole(2) },
        Draw::Keys(delta) => {
            let scale = scale(epsilon)?;
            let threshold = threshold(&scale, shape.proved.sensitivity().l1(), delta)?;
            Mechanism::ThresholdedLaplace { scale, threshold }
        }
    })
}

#[allow(clippy::arithmetic_side_effects, reason = "rationals of unbounded integers neither wrap nor round")]
fn of_gaussian(share: &Rational, shape: &Shape) -> Option<Mechanism> {
    if let Draw::Own(_) = shape.draw {
        return pure(share, shape);
    }
    if *share <= whole(0) {
        return None;
    }
    if shape.draw == Draw::Noise {
        let variance = whole(shape.proved.sensitivity().l2_squared()) / (whole(2) * share);
        return Some(Mechanism::DiscreteGaussian { variance: round_up(&variance, 1_000) });
    }
    // The greatest epsilon on a grid of millionths with epsilon^2 / 2 <= share, for a selection epsilon^2 / 8.
    let (grid, parts) = (whole(1_000_000), if let Draw::Choice(_) = shape.draw { 8 } else { 2 });
    let epsilon = Rational::new((share * whole(parts) * &grid * &grid).floor().to_integer().sqrt(), grid.to_integer());
    pure(&epsilon, shape)
}

/// The greatest threshold that a mechanism has.
const HIGHEST: u64 = 1 << 62;

/// The least threshold whose delta is at most this one, and at least 10^-30: what is given was tried, and nothing is rounded
/// after.
fn threshold(scale: &Rational, k: u64, delta: &Rational) -> Option<u64> {
    let fits = |threshold| ThresholdedLaplace::delta(scale, k, threshold).is_ok_and(|bound| bound <= *delta);
    // Delta falls with the threshold, so the answer is above `low` (if k itself is not) and at most `high`.
    let (mut low, mut high) = (k, HIGHEST);
    if fits(low) {
        return Some(low);
    }
    if !fits(high) {
        return None;
    }
    loop {
        let middle = low.midpoint(high);
        if middle == low {
            return Some(high);
        }
        if fits(middle) { high = middle } else { low = middle }
    }
}

#[cfg(test)]
mod tests {
    use utfall_privacy::certificate::{Certificate, Crossing, Measure, Node, Rule, rule};

    use super::*;

    fn budget(epsilon: &str, delta: &str) -> Budget {
        Budget::parse(epsilon, delta).unwrap()
    }

    /// The count of at most so many rows of each person.
    fn counts(k: u64) -> Proved {
        let (table, rows, project) = ("participation".to_owned(), None, None);
        let scan =
            Rule::ScanPrivate(rule::ScanPrivate { table, contributions: k, rows, unit: 0, contribution: 1, second: 2, project });
        let columns = ["participant", "contribution", "entry"].map(str::to_owned).to_vec();
        let input = Node::derive(scan, columns, Vec::new(), String::new()).unwrap();
        let crossing = Crossing::derive(vec![vec![]], Measure::Count, &input).unwrap();
        Certificate { table: "count".to_owned(), crossing, input }.verify().unwrap()
    }

    fn shape(name: &str, proved: Proved, candidates: Option<u64>) -> Shape {
        Shape { name: name.into(), cells: 10, proved, draw: candidates.map_or(Draw::Noise, Draw::Choice), follows: false }
    }

    fn even(family: NoiseFamily, count: usize) -> Choice {
        Choice { family, shares: vec![WHOLE / u64::try_from(count).unwrap(); count] }
    }

    fn texts(budget: &Budget, shapes: &[Shape], choice: &Choice) -> Vec<String> {
        measurements(budget, shapes, choice).unwrap().iter().map(|m| m.mechanism().to_text()).collect()
    }

    #[test]
    fn shares_become_scales_and_variances_that_are_rounded_up() {
        let shapes = ["a", "b"].map(|n| shape(n, counts(3), None));
        let choice = |family| Choice { family, shares: vec![250_000, 750_000] };
        let laplace = texts(&budget("1", "1e-6"), &shapes, &choice(NoiseFamily::Laplace));
        assert_eq!(laplace, ["discrete-laplace scale 12/1", "discrete-laplace scale 4/1"]);
        let gaussian = texts(&budget("1", "1e-6"), &shapes, &choice(NoiseFamily::Gaussian));
        assert_eq!(gaussian, ["discrete-gaussian variance 369523/500", "discrete-gaussian variance 246349/1000"]);
    }

    #[test]
    fn what_the_budget_does_not_admit_is_refused() {
        let one = [shape("a", counts(2), None)];
        assert_eq!(texts(&budget("1/2", "0"), &one, &even(NoiseFamily::Laplace, 1)), ["discrete-laplace scale 4/1"]);
        for (limit, choice) in [
            (budget("0", "0"), even(NoiseFamily::Laplace, 1)),
            (budget("1", "0"), even(NoiseFamily::Gaussian, 1)),
            (budget("1", "1e-6"), Choice { family: NoiseFamily::Laplace, shares: vec![0] }),
            (budget("1", "1e-6"), Choice { family: NoiseFamily::Laplace, shares: vec![WHOLE + 1] }),
            (budget("1", "1e-6"), Choice { family: NoiseFamily::Gaussian, shares: vec![WHOLE + 1_000] }),
            (budget("1", "1e-6"), Choice { family: NoiseFamily::Laplace, shares: vec![] }),
        ] {
            assert!(measurements(&limit, &one, &choice).is_err(), "{choice:?}");
        }
    }

    #[test]
    fn a_selection_gets_its_share_in_either_family() {
        let pair = [shape("n", counts(3), None), shape("q", counts(6), Some(121))];
        let laplace = texts(&budget("1", "1e-6"), &pair, &even(NoiseFamily::Laplace, 2));
        assert_eq!(laplace[1], "exponential candidates 121 scale 24/1");
        let gaussian = texts(&budget("1", "1e-6"), &pair, &even(NoiseFamily::Gaussian, 2));
        assert!(gaussian[0].starts_with("discrete-gaussian") && gaussian[1].starts_with("exponential candidates 121 scale "));
    }

    #[test]
    fn a_part_with_its_own_epsilon_is_taken_off_first() {
        let own =
            Shape { draw: Draw::Own(utfall_privacy::rational::parse_decimal("0.1").unwrap()), ..shape("b", counts(1), None) };
        let shapes = [shape("a", counts(3), None), own];
        let choice = |family| Choice { family, shares: vec![WHOLE, 0] };
        let laplace = texts(&budget("1", "1e-6"), &shapes, &choice(NoiseFamily::Laplace));
        assert_eq!(laplace, ["discrete-laplace scale 1666667/500000", "discrete-laplace scale 10/1"]);
        let gaussian = texts(&budget("1", "1e-6"), &shapes, &choice(NoiseFamily::Gaussian));
        assert_eq!(gaussian[1], "discrete-laplace scale 10/1");
    }

    #[test]
    fn private_keys_cost_delta_of_their_own() {
        let delta = utfall_privacy::rational::parse_decimal("1e-7").unwrap();
        let keys = Shape { cells: 0, draw: Draw::Keys(delta.clone()), ..shape("k", counts(3), None) };
        assert!(
            measurements(&budget("1", "1e-6"), std::slice::from_ref(&keys), &even(NoiseFamily::Laplace, 1)).is_err(),
            "no delta is set aside for keys"
        );
        let set_aside = budget("1", "1e-6").with_keys_delta(delta).unwrap();
        let keys = texts(&set_aside, &[keys], &even(NoiseFamily::Laplace, 1));
        assert!(keys[0].starts_with("thresholded-laplace scale 3/1 threshold "));
    }

    fn number(text: &str) -> Rational {
        utfall_privacy::rational::parse_decimal(text).unwrap()
    }

    fn float(text: &str) -> f64 {
        match text.split_once('/') {
            Some((above, below)) => float(above) / float(below),
            None => text.parse().unwrap(),
        }
    }

    #[test]
    fn the_threshold_is_the_least() {
        for (scale, k, wanted) in
            [("9", 3, "1e-6"), ("1", 1, "1e-10"), ("7/3", 10, "0.01"), ("100.5", 30, "1e-9"), ("1/100", 2, "0.5")]
        {
            let threshold = super::threshold(&number(scale), k, &number(wanted)).unwrap();
            assert!(ThresholdedLaplace::delta(&number(scale), k, threshold).unwrap() <= number(wanted));
            let below = threshold.checked_sub(1).map(|below| ThresholdedLaplace::delta(&number(scale), k, below));
            assert!(below.is_none_or(|below| below.is_err() || below.unwrap() > number(wanted)), "{threshold}");
            // The continuous solution, rounded down, is not enough: one row, scale ln(k / (1 + q) / delta).
            let (s, d) = (float(scale), float(wanted));
            let real = s * (k as f64 / (1.0 + (-1.0 / s).exp()) / d).ln();
            assert!(threshold as f64 >= real, "{threshold} is rounded down from {real}");
        }
        for (k, wanted) in [(1, "1e-31"), (1, "0"), (1 << 63, "0.1")] {
            assert_eq!(super::threshold(&number("1"), k, &number(wanted)), None);
        }
        assert!(super::threshold(&number("281474976710656"), 1, &number("1e-30")).is_some());
    }
}
