//! What was spent of a limit, and what is left of it: for display, from the charges of a ledger. The gate is the core's, and
//! looks at none of this.

use num_bigint::BigInt;
use num_traits::{One as _, Signed as _, Zero as _};
use utfall_privacy::accountant::compose;
use utfall_privacy::conversion::{delta_of, rho_for};
use utfall_privacy::{Budget, Charge, Rational};

/// Told epsilons are multiples of this fraction of one.
const EPSILON_GRID: u64 = 1_000_000_000;
/// Searches stop at 2^100 grid steps.
const DOUBLINGS: u32 = 100;

/// What charges add up to.
struct Sums {
    /// The epsilons, if no charge is in zCDP.
    pure: Option<Rational>,
    rho: Rational,
    delta: Rational,
}

impl Sums {
    fn of(charges: &[Charge]) -> Self {
        let nothing = Charge::Zcdp(Rational::zero());
        // With a charge in zCDP, even of nothing, all others are added up in it.
        let (rho, delta) = match compose(&[charges, &[nothing]].concat()) {
            Charge::Zcdp(rho) => (rho, Rational::zero()),
            Charge::ApproximateZcdp { rho, delta } => (rho, delta),
            Charge::Pure(_) | Charge::Approximate { .. } => (Rational::zero(), Rational::zero()),
        };
        let pure = match compose(charges) {
            Charge::Pure(epsilon) | Charge::Approximate { epsilon, .. } => Some(epsilon),
            Charge::Zcdp(_) | Charge::ApproximateZcdp { .. } => None,
        };
        Self { pure, rho, delta }
    }
}

/// An upper bound on the epsilon that the charges amount to at this delta; `None` if no epsilon is enough.
///
/// The lower of two valid bounds for a list that was fixed beforehand, after its own deltas were taken off. Of a list that was
/// chosen adaptively it is not itself a guarantee (that would be an odometer); the guarantee is the limit under which the gate
/// admitted it.
pub fn spent(charges: &[Charge], delta: &Rational) -> Option<Rational> {
    let sums = Sums::of(charges);
    let left = delta - sums.delta;
    if left.is_negative() {
        return None;
    }
    match (sums.pure, epsilon_for(&sums.rho, &left)) {
        (Some(pure), Some(concentrated)) => Some(pure.min(concentrated)),
        (pure, concentrated) => pure.or(concentrated),
    }
}

/// An upper bound on the epsilon spent of a limit, at its delta. The limit is itself such a bound, for every reservation passed
/// the gate.
pub fn spent_of(limit: &Budget, charges: &[Charge]) -> Rational {
    spent(charges, limit.delta()).map_or_else(|| limit.epsilon().clone(), |spent| spent.min(limit.epsilon().clone()))
}

/// What one more release may cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remaining {
    /// The greatest pure epsilon that is still admitted, rounded down.
    pub epsilon: Rational,
    /// The greatest rho that is still admitted; zero if none is.
    pub rho: Rational,
    /// The greatest delta that a table with private keys may still cost.
    pub delta: Rational,
}

/// The largest single charge of either kind that the limit still admits. A pure charge may pass by either filter: `limit - sum`
/// by the first, the e with e^2/2 = rho left by the second.
pub fn remaining(limit: &Budget, charges: &[Charge]) -> Remaining {
    let sums = Sums::of(charges);
    let delta = limit.keys_delta() - sums.delta;
    if delta.is_negative() {
        return Remaining { epsilon: Rational::zero(), rho: Rational::zero(), delta: Rational::zero() };
    }
    let rho = (rho_for(limit) - sums.rho).max(Rational::zero());
    let concentrated = square_root_down(&(&rho * BigInt::from(2)), 1_000_000_000);
    let pure = sums.pure.map_or_else(Rational::zero, |sum| limit.epsilon() - sum);
    Remaining { epsilon: pure.max(concentrated), rho, delta }
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
    let at = |steps: &BigInt| Rational::new(steps.clone(), EPSILON_GRID.into());
    let enough = |steps: &BigInt| delta_of(rho, &at(steps)) <= *delta;
    if enough(&BigInt::zero()) {
        return Some(Rational::zero());
    }
    let (mut low, mut high) = (BigInt::zero(), BigInt::one());
    for _ in 0..DOUBLINGS {
        if enough(&high) {
            // Not enough at the lower end, enough at the upper one.
            while &high - &low > BigInt::one() {
                let middle: BigInt = (&low + &high) >> 1_u32;
                if enough(&middle) { high = middle } else { low = middle }
            }
            return Some(at(&high));
        }
        low.clone_from(&high);
        high *= 2;
    }
    None
}

/// The greatest multiple of `1/denominator` whose square is not above `number`; zero for a negative number.
fn square_root_down(number: &Rational, denominator: u64) -> Rational {
    let grid = BigInt::from(denominator.max(1));
    let square = (number * &grid * &grid).floor().to_integer();
    let root = square.to_biguint().unwrap_or_default().sqrt();
    Rational::new(BigInt::from(root), grid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use utfall_privacy::accountant::admits;
    use utfall_privacy::rational::parse_decimal;

    fn number(text: &str) -> Rational {
        parse_decimal(text).unwrap()
    }

    fn budget(epsilon: &str, delta: &str) -> Budget {
        Budget::parse(epsilon, delta).unwrap()
    }

    fn pure(text: &str) -> Charge {
        Charge::Pure(number(text))
    }

    fn zcdp(text: &str) -> Charge {
        Charge::Zcdp(number(text))
    }

    fn approximate(epsilon: &str, delta: &str) -> Charge {
        Charge::Approximate { epsilon: number(epsilon), delta: number(delta) }
    }

    fn approximate_zcdp(rho: &str, delta: &str) -> Charge {
        Charge::ApproximateZcdp { rho: number(rho), delta: number(delta) }
    }

    #[test]
    fn deltas_are_spent_and_remain() {
        let delta = number("1e-6");
        assert_eq!(spent(&[approximate("1", "1e-6")], &delta), Some(number("1")));
        assert_eq!(spent(&[approximate("1", "1.1e-6")], &delta), None);
        assert_eq!(spent(&[approximate_zcdp("0.01", "1e-6")], &delta), None);
        let half = spent(&[approximate_zcdp("0.01", "5e-7")], &delta);
        assert_eq!(half, spent(&[zcdp("0.01")], &number("5e-7")));
        assert!(half > spent(&[zcdp("0.01")], &delta));
        let limit = Budget::parse("1", "2e-6").unwrap().with_keys_delta(number("1e-6")).unwrap();
        let left = remaining(&limit, &[approximate("0.4", "4e-7")]);
        assert_eq!((left.epsilon, left.delta), (number("0.6"), number("6e-7")));
        let left = remaining(&limit, &[approximate("0.4", "1.1e-6")]);
        assert!(left.epsilon.is_zero() && left.rho.is_zero() && left.delta.is_zero());
    }
    #[test]
    fn spent_is_the_lower_bound() {
        let delta = number("1e-6");
        assert_eq!(spent(&[], &delta), Some(number("0")));
        assert_eq!(spent(&[pure("1")], &delta), Some(number("1")));
        let small: Vec<Charge> = (0..1000).map(|_| pure("0.0069")).collect();
        assert!(spent(&small, &delta).unwrap() < number("1"));
        assert_eq!(spent(&[zcdp("0.1")], &number("0")), None);
        assert_eq!(spent(&[pure("2")], &number("0")), Some(number("2")));
    }
    #[test]
    fn what_remains_is_admitted_and_no_more() {
        let limit = Budget::parse("1", "1e-6").unwrap();
        for charges in [vec![], vec![pure("0.3")], vec![zcdp("0.01")], vec![pure("0.1"), zcdp("0.01")]] {
            let left = remaining(&limit, &charges);
            for (extra, ok) in [("0", true), ("1e-6", false)] {
                let with = |charge| [charges.clone(), vec![charge]].concat();
                let any = ok && !left.rho.is_zero();
                assert_eq!(admits(&limit, &with(Charge::Zcdp(&left.rho + number(extra)))), any);
                assert_eq!(admits(&limit, &with(Charge::Pure(&left.epsilon + number(extra)))), ok);
            }
        }
    }

    #[test]
    fn epsilon_and_rho_are_inverse() {
        for (epsilon, delta) in [("1", "1e-6"), ("0.25", "1e-8"), ("6", "1e-5")] {
            let limit = budget(epsilon, delta);
            let back = epsilon_for(&rho_for(&limit), limit.delta()).unwrap();
            let gap = limit.epsilon() - &back;
            assert!(gap >= Rational::zero() && gap < number("1e-6"), "{back}");
        }
        assert_eq!(epsilon_for(&number("0.1"), &number("0")), None);
        assert_eq!(epsilon_for(&number("0"), &number("0")), Some(Rational::zero()));
        assert_eq!(epsilon_for(&number("1e400"), &number("1e-6")), None);
    }

    #[test]
    fn square_roots_are_rounded_down() {
        let fraction = |n: i64, d: i64| Rational::new(n.into(), d.into());
        assert_eq!(square_root_down(&fraction(2, 1), 100), fraction(141, 100));
        assert_eq!(square_root_down(&fraction(-2, 1), 100), fraction(0, 1));
        assert_eq!(square_root_down(&fraction(9, 4), 10), fraction(3, 2));
    }

    #[test]
    fn of_a_limit_no_more_is_spent_than_it_is() {
        let limit = budget("1", "1e-6");
        assert_eq!(spent_of(&limit, &[pure("0.5")]), number("0.5"));
        let half = [zcdp("0.02"), Charge::Pure(number("1/11"))];
        assert!(spent_of(&limit, &half) > number("0.99") && spent_of(&limit, &half) <= number("1"));
        assert_eq!(spent_of(&limit, &[zcdp("1")]), number("1"));
    }

    /// Spending what remains, again and again, ends exactly at the limit and never beyond.
    #[test]
    fn what_remains_can_be_spent_to_the_end() {
        let limit = Budget::parse("1", "1e-6").unwrap();
        let mut charges = Vec::new();
        for _ in 0..20 {
            let left = remaining(&limit, &charges);
            charges.push(Charge::Zcdp(left.rho / number("2")));
            assert!(admits(&limit, &charges));
        }
        let left = remaining(&limit, &charges);
        charges.push(Charge::Zcdp(left.rho + number("1e-12")));
        assert!(!admits(&limit, &charges));
    }
}
