//! What was spent of a limit, and what is left of it: for display, from the account of a ledger. The gate is the core's, and
//! looks at none of this.

use num_bigint::BigInt;
use num_traits::{One as _, Signed as _, Zero as _};
use utfall_privacy::conversion::{delta_at, delta_of};
use utfall_privacy::{Account, Budget, Error, Loss, Measurement, Rational};

/// Told epsilons are multiples of this fraction of one.
const EPSILON_GRID: u64 = 1_000_000_000;
/// rho is a multiple of this fraction of one.
const RHO_GRID: u64 = 1_000_000_000_000_000;
/// Searches stop at 2^100 grid steps.
const DOUBLINGS: u32 = 100;

/// What measurements cost, table by table, in the order of an account.
///
/// # Errors
/// When a parameter is out of its range.
pub fn losses(measurements: &[Measurement], order: &Rational) -> Result<Vec<Loss>, Error> {
    measurements.iter().map(|of| of.mechanism().loss(of.sensitivity(), order)).collect()
}

/// Whether a budget of its own admits losses that were fixed beforehand.
pub fn suffices(budget: &Budget, measurements: &[Measurement]) -> Result<bool, Error> {
    let account = Account::new(budget.clone());
    Ok(account.admits(&losses(measurements, &account.order)?))
}

/// An upper bound on the epsilon that losses amount to at this delta; `None` if no epsilon is enough.
///
/// The least of three valid bounds for a list that was fixed beforehand, after its own deltas were taken off: the sum of its
/// epsilons, and what its rhos and its divergences convert to. Of a list that was chosen adaptively it is not itself a guarantee
/// (that would be an odometer); the guarantee is the limit under which the gate admitted it.
pub fn spent<'l>(losses: impl Iterator<Item = &'l Loss> + Clone, order: &Rational, delta: &Rational) -> Option<Rational> {
    let left = delta - losses.clone().map(|loss| &loss.delta).sum::<Rational>();
    if left.is_negative() {
        return None;
    }
    let pure: Option<Rational> = losses.clone().map(|loss| loss.epsilon.as_ref()).sum();
    let (rho, divergence): (Rational, Rational) =
        (losses.clone().map(|loss| &loss.rho).sum(), losses.map(|loss| &loss.divergence).sum());
    let by_order = least(|epsilon| divergence.is_zero() || delta_at(order, &divergence, epsilon) <= left);
    [pure, epsilon_for(&rho, &left), by_order.filter(|_| left.is_positive())].into_iter().flatten().min()
}

/// An upper bound on the epsilon spent of a limit, at its delta. The limit is itself such a bound, for every reservation passed
/// the gate.
pub fn spent_of(account: &Account) -> Rational {
    let (limit, total) = (account.limit(), account.spent());
    spent(std::iter::once(&total), &account.order, limit.delta())
        .map_or_else(|| limit.epsilon().clone(), |spent| spent.min(limit.epsilon().clone()))
}

/// The greatest epsilon that one more release may cost, if it is pure and of one table, rounded down: of several tables or with
/// other noise it may be more.
pub fn remaining(account: &Account) -> Rational {
    let fits = |steps: &BigInt| {
        let epsilon = Rational::new(steps.clone(), EPSILON_GRID.into());
        account.admits(&[Loss::pure(epsilon, &account.order)])
    };
    if !fits(&BigInt::zero()) {
        return Rational::zero();
    }
    // Of a small limit with a large delta, divergences admit more than its epsilon.
    let first = (account.limit().epsilon() * BigInt::from(EPSILON_GRID)).floor().to_integer() + 1;
    Rational::new(greatest(first, fits), EPSILON_GRID.into())
}

/// The greatest multiple of 10^-15 that the limit admits: `delta_of(rho, epsilon) <= delta`, less what is set aside; zero if that is
/// zero. A hair less than the supremum, so that the limit itself admits it in its own order.
pub fn rho_for(limit: &Budget) -> Rational {
    let delta = limit.noise_delta();
    let fits = |steps: &BigInt| delta_of(&Rational::new(steps.clone(), RHO_GRID.into()), limit.epsilon()) <= delta;
    let hair = Rational::new(1.into(), 100_000.into());
    Rational::new(greatest(BigInt::one(), fits), RHO_GRID.into()) * (Rational::one() - hair)
}

/// The least multiple of 10^-9 at which a rho-zCDP mechanism is (epsilon, delta) private; `None` if there is none. The epsilon
/// that is given was tested with [`delta_of`]. At delta = 0 no such mechanism with rho > 0 qualifies.
pub fn epsilon_for(rho: &Rational, delta: &Rational) -> Option<Rational> {
    if *rho <= Rational::zero() {
        return Some(Rational::zero());
    }
    if *delta <= Rational::zero() {
        return None;
    }
    least(|epsilon| delta_of(rho, epsilon) <= *delta)
}

/// The greatest number that fits, where fewer fit too; the search begins beside `first`.
fn greatest(first: BigInt, fits: impl Fn(&BigInt) -> bool) -> BigInt {
    let (mut low, mut high) = (BigInt::zero(), first);
    for _ in 0..DOUBLINGS {
        if !fits(&high) {
            break;
        }
        low.clone_from(&high);
        high *= 2;
    }
    while &high - &low > BigInt::one() {
        let middle: BigInt = (&low + &high) >> 1_u32;
        if fits(&middle) { low = middle } else { high = middle }
    }
    low
}

/// The least multiple of 10^-9 that is enough, where more than enough is.
fn least(enough: impl Fn(&Rational) -> bool) -> Option<Rational> {
    let at = |steps: &BigInt| Rational::new(steps.clone(), EPSILON_GRID.into());
    if enough(&Rational::zero()) {
        return Some(Rational::zero());
    }
    let (mut low, mut high) = (BigInt::zero(), BigInt::one());
    for _ in 0..DOUBLINGS {
        if enough(&at(&high)) {
            // Not enough at the lower end, enough at the upper one.
            while &high - &low > BigInt::one() {
                let middle: BigInt = (&low + &high) >> 1_u32;
                if enough(&at(&middle)) { high = middle } else { low = middle }
            }
            return Some(at(&high));
        }
        low.clone_from(&high);
        high *= 2;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use utfall_privacy::rational::parse_decimal;

    fn number(text: &str) -> Rational {
        parse_decimal(text).unwrap()
    }

    fn budget(epsilon: &str, delta: &str) -> Budget {
        Budget::parse(epsilon, delta).unwrap()
    }

    fn order() -> Rational {
        number("10")
    }

    fn pure(text: &str) -> Loss {
        Loss::pure(number(text), &order())
    }

    fn zcdp(text: &str) -> Loss {
        Loss::new(None, number(text), &order())
    }

    fn keys(loss: Loss, delta: &str) -> Loss {
        Loss { delta: number(delta), ..loss }
    }

    /// The account of a limit of which one release was paid.
    fn paid(limit: &Budget, losses: &[Loss]) -> Account {
        let mut account = Account::new(limit.clone());
        account.pay(losses);
        account
    }

    fn told(losses: &[Loss], delta: &str) -> Option<Rational> {
        spent(losses.iter(), &order(), &number(delta))
    }

    #[test]
    fn deltas_are_spent() {
        assert_eq!(told(&[keys(pure("1"), "1e-6")], "1e-6"), Some(number("1")));
        assert_eq!(told(&[keys(pure("1"), "1.1e-6")], "1e-6"), None);
        assert_eq!(told(&[keys(zcdp("0.01"), "1e-6")], "1e-6"), None);
        let half = told(&[keys(zcdp("0.01"), "5e-7")], "1e-6");
        assert_eq!(half, told(&[zcdp("0.01")], "5e-7"));
        assert!(half > told(&[zcdp("0.01")], "1e-6"));
    }

    #[test]
    fn spent_is_the_least_bound() {
        assert_eq!(told(&[], "1e-6"), Some(number("0")));
        assert_eq!(told(&[pure("1")], "1e-6"), Some(number("1")));
        assert!(told(&vec![pure("0.0069"); 1000], "1e-6").unwrap() < number("1"));
        assert_eq!(told(&[zcdp("0.1")], "0"), None);
        assert_eq!(told(&[pure("2")], "0"), Some(number("2")));
        let limit = budget("1", "1e-6");
        let account = |losses: &[Loss]| paid(&limit, losses);
        assert_eq!(spent_of(&account(&[pure("0.5")])), number("0.5"));
        assert_eq!(spent_of(&account(&[zcdp("1")])), number("1"), "no more than the limit");
    }

    #[test]
    fn what_remains_is_admitted_and_no_more() {
        for limit in [budget("1", "1e-6"), budget("10", "1e-5").with_basic_delta(number("1e-6")).unwrap(), budget("2", "0")] {
            for losses in [vec![], vec![pure("0.3")], vec![zcdp("0.01")], vec![pure("0.1"), zcdp("0.01")]] {
                let account = paid(&limit, &losses);
                let left = remaining(&account);
                let more = |extra: &str| account.admits(&[Loss::pure(&left + number(extra), &account.order)]);
                assert!(!more("1e-6") && (left.is_zero() || more("0")), "{left}");
            }
        }
    }

    #[test]
    fn the_golden_rho() {
        let rho = rho_for(&budget("1", "1e-6"));
        assert!(rho > number("0.024355") && rho < number("0.024357"), "{rho}");
        assert!(rho_for(&budget("1", "0")).is_zero());
        // What is set aside for keys is not there for noise.
        let aside = |part| budget("1", "3e-6").with_keys_delta(number(part)).unwrap();
        assert_eq!(rho_for(&aside("2e-6")), rho);
        assert!(rho_for(&aside("3e-6")).is_zero() && rho_for(&aside("0")) > rho);
    }

    /// A budget admits all the Gaussian noise that it is said to suffice for, in the order of its account.
    #[test]
    fn rho_is_the_greatest_and_is_admitted() {
        for (epsilon, delta) in
            [("1", "1e-6"), ("0.1", "1e-9"), ("10", "1e-5"), ("1e-4", "1e-10"), ("100", "0.5"), ("1.5", "1e-6")]
        {
            let account = Account::new(budget(epsilon, delta));
            let admits = |rho: Rational| account.admits(&[Loss::new(None, rho, &account.order)]);
            let rho = rho_for(account.limit());
            assert!(admits(rho.clone()), "{epsilon} {delta}");
            assert!(!admits(rho * number("1.0001") + number("2e-15")), "{epsilon} {delta}");
        }
    }

    #[test]
    fn epsilon_and_rho_are_inverse() {
        for (epsilon, delta) in [("1", "1e-6"), ("0.25", "1e-8"), ("6", "1e-5")] {
            let limit = budget(epsilon, delta);
            let back = epsilon_for(&rho_for(&limit), limit.delta()).unwrap();
            let gap = limit.epsilon() - &back;
            assert!(gap >= Rational::zero() && gap < number("1e-4"), "{back}");
        }
        assert_eq!(epsilon_for(&number("0.1"), &number("0")), None);
        assert_eq!(epsilon_for(&number("0"), &number("0")), Some(Rational::zero()));
        assert_eq!(epsilon_for(&number("1e400"), &number("1e-6")), None);
    }
}
