//! What charges add up to, and whether a limit admits them when every query may depend on every earlier answer.

use num_bigint::BigInt;
use num_traits::{Signed, Zero};

use crate::conversion::{epsilon_for, rho_for};
use crate::measure::{Budget, Charge};
use crate::rational::{Rational, square_root_down};

/// The sum of the charges: pure if all are pure, otherwise zCDP with epsilon^2/2 for every pure one.
///
/// # Privacy
/// Pure epsilons add \[DMNS06\]; rhos add \[BS16, Lemma 2.3\]; epsilon-pure implies (epsilon^2/2)-zCDP
/// \[BS16, Proposition 1.4\].
///
/// # Checked by
/// `accountant::tests::charges_add`
pub fn compose(charges: &[Charge]) -> Charge {
    pure_sum(charges).map_or_else(|| Charge::Zcdp(rho_sum(charges)), Charge::Pure)
}

/// Whether the limit admits the charges: their epsilons add up to at most epsilon, all being pure; or their rhos add
/// up to at most [`rho_for`] the limit.
///
/// # Privacy
/// *Claim.* If mechanisms and charges are chosen one after the other, each from the public outputs so far, and a
/// choice is carried out only when this function admits the list including it, the whole transcript is
/// (epsilon, delta) private. *Proof.* Sums only grow, so each test that holds for a list holds for its prefixes. Let A
/// be the transcripts whose charges pass the pure test, B the others; all of B pass the rho test.
/// (1) On A, P(t) / P'(t) is a product of factors of at most e^(epsilon_i), so P(S ∩ A) <= e^epsilon P'(S ∩ A).
/// (2) Stop the process where the rho test would first fail. Of the product M_n of
/// (p_i / p'_i)^alpha e^(-alpha (alpha-1) rho_i), E'\[M_n | past\] <= M_(n-1) by the definition of zCDP; so
/// E'\[(P/P')^alpha\] <= e^(alpha (alpha-1) rho) for every alpha > 1, whatever the choices: the stopped process is
/// rho-zCDP \[FZ21, WRRW23\], hence (epsilon, delta) private \[CKS20\], and it agrees with the true one on B. So
/// P(S ∩ B) <= e^epsilon P'(S ∩ B) + delta. Add (1) and (2). ∎ That such rules need a proof, see \[RRUV16\].
///
/// # Checked by
/// `accountant::tests::either_filter_admits`, `tests/accounting.rs`
pub fn admits(limit: &Budget, charges: &[Charge]) -> bool {
    if charges.iter().any(|charge| amount(charge).is_negative()) {
        return false;
    }
    pure_sum(charges).is_some_and(|sum| sum <= *limit.epsilon()) || rho_sum(charges) <= rho_for(limit)
}

/// An upper bound on the epsilon that the charges amount to at this delta, for display; `None` if no epsilon is enough.
///
/// # Privacy
/// The lower of two valid bounds for a list that was fixed beforehand. Of a list that was chosen adaptively it is not
/// itself a guarantee (that would be an odometer); the guarantee is the limit under which [`admits`] admitted it.
///
/// # Checked by
/// `accountant::tests::spent_is_the_lower_bound`
pub fn spent(charges: &[Charge], delta: &Rational) -> Option<Rational> {
    let concentrated = epsilon_for(&rho_sum(charges), delta);
    match (pure_sum(charges), concentrated) {
        (Some(pure), Some(concentrated)) => Some(pure.min(concentrated)),
        (pure, concentrated) => pure.or(concentrated),
    }
}

/// What one more release may cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remaining {
    /// The greatest pure epsilon that is still admitted, rounded down.
    pub epsilon: Rational,
    /// The greatest rho that is still admitted; zero if none is.
    pub rho: Rational,
}

/// The largest single charge of either kind that the limit still admits.
///
/// # Privacy
/// A pure charge may pass by either filter: `limit - sum` by the first, the e with e^2/2 = rho left by the second.
///
/// # Checked by
/// `accountant::tests::what_remains_is_admitted_and_no_more`
pub fn remaining(limit: &Budget, charges: &[Charge]) -> Remaining {
    let rho = (rho_for(limit) - rho_sum(charges)).max(Rational::zero());
    let concentrated = square_root_down(&(&rho * BigInt::from(2)), 1_000_000_000);
    let pure = pure_sum(charges).map_or_else(Rational::zero, |sum| limit.epsilon() - sum);
    Remaining { epsilon: pure.max(concentrated), rho }
}

fn amount(charge: &Charge) -> &Rational {
    match charge {
        Charge::Pure(epsilon) => epsilon,
        Charge::Zcdp(rho) => rho,
    }
}

/// The sum of the epsilons, if all charges are pure.
fn pure_sum(charges: &[Charge]) -> Option<Rational> {
    charges.iter().try_fold(Rational::zero(), |sum, charge| match charge {
        Charge::Pure(epsilon) => Some(sum + epsilon),
        Charge::Zcdp(_) => None,
    })
}

/// The sum of the rhos.
fn rho_sum(charges: &[Charge]) -> Rational {
    let half = Rational::new(1.into(), 2.into());
    charges.iter().fold(Rational::zero(), |sum, charge| match charge {
        Charge::Pure(epsilon) => sum + epsilon * epsilon * &half,
        Charge::Zcdp(rho) => sum + rho,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rational::parse_decimal;

    fn number(text: &str) -> Rational {
        parse_decimal(text).unwrap()
    }

    fn pure(text: &str) -> Charge {
        Charge::Pure(number(text))
    }

    fn zcdp(text: &str) -> Charge {
        Charge::Zcdp(number(text))
    }

    #[test]
    fn charges_add() {
        assert_eq!(compose(&[]), pure("0"));
        assert_eq!(compose(&[pure("0.1"), pure("0.2")]), pure("0.3"));
        assert_eq!(compose(&[pure("0.2"), zcdp("0.01")]), zcdp("0.03"));
        assert_eq!(compose(&[zcdp("0.01"), zcdp("1/3")]), zcdp("103/300"));
    }

    #[test]
    fn either_filter_admits() {
        let limit = Budget::parse("1", "1e-6").unwrap();
        // Exactly the limit by the pure filter, though its rho of 0.05 is beyond the other one.
        assert!(admits(&limit, &[pure("0.9"), pure("0.1")]));
        assert!(!admits(&limit, &[pure("0.9"), pure("0.1"), pure("1e-30")]));
        // A thousand small ones: the sum of epsilons is beyond, the sum of rhos is not.
        let small: Vec<Charge> = (0..1000).map(|_| pure("0.0069")).collect();
        assert!(admits(&limit, &small));
        // One Gaussian charge closes the pure filter.
        assert!(admits(&limit, &[zcdp("0.0243")]) && !admits(&limit, &[zcdp("0.0244")]));
        assert!(admits(&limit, &[pure("0.1"), zcdp("0.019")]) && !admits(&limit, &[pure("0.9"), zcdp("1e-30")]));
        // Without delta only pure charges pass.
        let strict = Budget::parse("1", "0").unwrap();
        assert!(admits(&strict, &[pure("1")]) && !admits(&strict, &[zcdp("1e-30")]));
        assert!(admits(&strict, &[]));
    }

    #[test]
    fn a_negative_charge_buys_nothing() {
        let limit = Budget::parse("1", "1e-6").unwrap();
        assert!(!admits(&limit, &[pure("1.5"), Charge::Pure(-number("1"))]));
        assert!(!admits(&limit, &[zcdp("0.03"), Charge::Zcdp(-number("0.01"))]));
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
}
