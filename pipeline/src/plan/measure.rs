//! From a release's budget to the noise of its tables: the budget split evenly, the noise family with the lower variance.
//!
//! Looks at public sizes and declared bounds only.

use utfall_privacy::accountant::admits;
use utfall_privacy::conversion::rho_for;
use utfall_privacy::rational::round_up;
use utfall_privacy::{Budget, Error, Measurement, Mechanism, Rational, Sensitivity};

/// A table before its noise is chosen: name, cells, sensitivity.
pub(crate) type Shape<'a> = (&'a str, usize, Sensitivity);

/// The measurements of a release: each table gets an equal share of the budget.
///
/// # Privacy
/// *Laplace*: with scale `T l1 / epsilon` each of `T` tables costs `epsilon / T`, together `epsilon`. *Gaussian*: with
/// variance `T l2^2 / (2 rho)` each costs `rho / T`, together `rho = rho_for(epsilon, delta)`. The variance is rounded up.
/// The result is checked against the budget by the accountant's own filter.
///
/// # Errors
/// When the budget admits no noise family (epsilon 0) or a table has no cells.
#[allow(clippy::arithmetic_side_effects, reason = "rationals of unbounded integers neither wrap nor round")]
pub fn measurements(budget: &Budget, shapes: &[Shape<'_>]) -> Result<Vec<Measurement>, Error> {
    let tables = Rational::from_integer(shapes.len().into());
    let whole = |n: u64| Rational::from_integer(n.into());
    let zero = whole(0);
    let rho = rho_for(budget);
    let laplace = |s: Sensitivity| (*budget.epsilon() > zero).then(|| whole(s.l1()) * &tables / budget.epsilon());
    let gaussian = |s: Sensitivity| (rho > zero).then(|| round_up(&(whole(s.l2_squared()) * &tables / (whole(2) * &rho)), 1_000));
    let sum = |variances: Option<Vec<Rational>>| variances.map(|v| v.into_iter().fold(zero.clone(), |a, b| a + b));
    let of_laplace = sum(shapes.iter().map(|s| laplace(s.2).map(|b| whole(2) * &b * &b)).collect());
    let of_gaussian = sum(shapes.iter().map(|s| gaussian(s.2)).collect());
    let gaussian_is_lower = match (&of_laplace, &of_gaussian) {
        (Some(l), Some(g)) => g < l,
        (None, Some(_)) => true,
        _ => false,
    };
    let chosen = |s: Sensitivity| {
        let (scale, variance) = (laplace(s), gaussian(s));
        if gaussian_is_lower {
            variance.map(|variance| Mechanism::DiscreteGaussian { variance })
        } else {
            scale.map(|scale| Mechanism::DiscreteLaplace { scale })
        }
    };
    let mut measurements = Vec::new();
    for (name, cells, sensitivity) in shapes {
        let mechanism =
            chosen(*sensitivity).ok_or(Error::Request("the budget of the release is zero; declare epsilon above 0"))?;
        let cells = u64::try_from(*cells).map_err(|_| Error::Overflow("a table's number of cells"))?;
        measurements.push(Measurement::new(name, cells, *sensitivity, mechanism)?);
    }
    let charges = measurements.iter().map(|m| m.mechanism().charge(m.sensitivity())).collect::<Result<Vec<_>, _>>()?;
    if admits(budget, &charges) {
        Ok(measurements)
    } else {
        Err(Error::Request("the tables cost more than the release's budget"))
    }
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

    #[test]
    fn few_tables_get_laplace_noise_and_many_get_gaussian() {
        let shape = ("t", 10, counts(3));
        let few =
            measurements(&budget("1", "1e-6"), &[("a", 10, counts(3)), ("b", 10, counts(3)), ("c", 10, counts(3))]).unwrap();
        assert!(few.iter().all(|m| m.mechanism().to_text() == "discrete-laplace scale 9/1"));
        let names: Vec<String> = (0..40).map(|i| format!("t{i}")).collect();
        let many: Vec<_> = names.iter().map(|n| (n.as_str(), shape.1, shape.2)).collect();
        let many = measurements(&budget("1", "1e-6"), &many).unwrap();
        assert!(many.iter().all(|m| m.mechanism().to_text().starts_with("discrete-gaussian")));
    }

    #[test]
    fn a_pure_budget_gets_laplace_noise_and_no_budget_nothing() {
        let one = measurements(&budget("1/2", "0"), &[("a", 1, counts(2))]).unwrap();
        assert_eq!(one[0].mechanism().to_text(), "discrete-laplace scale 4/1");
        assert!(measurements(&budget("0", "0"), &[("a", 1, counts(2))]).is_err());
    }
}
