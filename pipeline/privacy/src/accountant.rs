//! What charges add up to, and whether a limit admits them when every query may depend on every earlier answer.

use num_traits::{Signed, Zero};

use crate::conversion::rho_for;
use crate::measure::{Budget, Charge};
use crate::rational::Rational;

/// The sum of the charges: their epsilons if none is in zCDP, otherwise zCDP with epsilon^2/2 for every epsilon; deltas add.
///
/// # Privacy
/// Pure epsilons add \[DMNS06\]; rhos add \[BS16, Lemma 2.3\]; epsilon-pure implies (epsilon^2/2)-zCDP
/// \[BS16, Proposition 1.4\]. Of mixtures, all first parts are drawn but for a weight of at most the sum of the deltas, and
/// to the first parts the same applies.
///
/// # Checked by
/// `accountant::tests::charges_add`
pub fn compose(charges: &[Charge]) -> Charge {
    let delta = delta_sum(charges);
    match (pure_sum(charges), delta.is_zero()) {
        (Some(epsilon), true) => Charge::Pure(epsilon),
        (Some(epsilon), false) => Charge::Approximate { epsilon, delta },
        (None, true) => Charge::Zcdp(rho_sum(charges)),
        (None, false) => Charge::ApproximateZcdp { rho: rho_sum(charges), delta },
    }
}

/// Whether the limit admits the charges: their epsilons add up to at most epsilon, none being in zCDP; or their rhos add
/// up to at most [`rho_for`] the limit. And their deltas to at most what is set aside for private keys.
///
/// # Privacy
/// *Claim.* If mechanisms and charges are chosen one after the other, each from the public outputs so far, and a
/// choice is carried out only when this function admits the list including it, the whole transcript is
/// (epsilon, delta) private. *Proof.* Sums only grow, so each test that holds for a list holds for its prefixes. Let A
/// be the transcripts whose charges pass the epsilon test, B the others; all of B pass the rho test. Let d be
/// [`Budget::keys_delta`], first zero.
/// (1) On A, P(t) / P'(t) is a product of factors of at most e^(epsilon_i), so P(S ∩ A) <= e^epsilon P'(S ∩ A).
/// (2) Stop the process where the rho test would first fail. Of the product M_n of
/// (p_i / p'_i)^alpha e^(-alpha (alpha-1) rho_i), E'\[M_n | past\] <= M_(n-1) by the definition of zCDP; so
/// E'\[(P/P')^alpha\] <= e^(alpha (alpha-1) rho) for every alpha > 1, whatever the choices: the stopped process is
/// rho-zCDP \[FZ21, WRRW23\], hence (epsilon, delta - d) private \[CKS20\], and it agrees with the true one on B. So
/// P(S ∩ B) <= e^epsilon P'(S ∩ B) + delta - d. Add (1) and (2).
/// (3) For d > 0 draw each mixture by a coin, and let R and R' be the processes of first parts alone. A transcript in which
/// all coins fall on first parts has probability w R(t), with the other neighbour w R'(t), where w <= 1 is the product
/// of 1 - delta_i: both of (1) and (2) hold for it, w being at most 1. Some coin falls otherwise with probability at most
/// the expected sum of the delta_i, at most d in every transcript. Add d. ∎
///
/// That such rules need a proof, see \[RRUV16\]. *Why d is fixed*: were a delta that is not spent left to the rho test, an
/// analyst could spend it where the answers were harmless and rho where they were not, and lose nearly twice delta.
///
/// # Checked by
/// `accountant::tests::either_filter_admits`, `accountant::tests::deltas_have_their_own_limit`, `tests/accounting.rs`
pub fn admits(limit: &Budget, charges: &[Charge]) -> bool {
    if charges.iter().any(|charge| amount(charge).is_negative() || delta(charge).is_some_and(Signed::is_negative)) {
        return false;
    }
    delta_sum(charges) <= *limit.keys_delta()
        && (pure_sum(charges).is_some_and(|sum| sum <= *limit.epsilon()) || rho_sum(charges) <= rho_for(limit))
}

fn amount(charge: &Charge) -> &Rational {
    match charge {
        Charge::Pure(epsilon) | Charge::Approximate { epsilon, .. } => epsilon,
        Charge::Zcdp(rho) | Charge::ApproximateZcdp { rho, .. } => rho,
    }
}

fn delta(charge: &Charge) -> Option<&Rational> {
    match charge {
        Charge::Pure(_) | Charge::Zcdp(_) => None,
        Charge::Approximate { delta, .. } | Charge::ApproximateZcdp { delta, .. } => Some(delta),
    }
}

/// The sum of the deltas.
fn delta_sum(charges: &[Charge]) -> Rational {
    charges.iter().filter_map(delta).fold(Rational::zero(), |sum, delta| sum + delta)
}

/// The sum of the epsilons, if no charge is in zCDP.
fn pure_sum(charges: &[Charge]) -> Option<Rational> {
    charges.iter().try_fold(Rational::zero(), |sum, charge| match charge {
        Charge::Pure(epsilon) | Charge::Approximate { epsilon, .. } => Some(sum + epsilon),
        Charge::Zcdp(_) | Charge::ApproximateZcdp { .. } => None,
    })
}

/// The sum of the rhos.
fn rho_sum(charges: &[Charge]) -> Rational {
    let half = Rational::new(1.into(), 2.into());
    charges.iter().fold(Rational::zero(), |sum, charge| match charge {
        Charge::Pure(epsilon) | Charge::Approximate { epsilon, .. } => sum + epsilon * epsilon * &half,
        Charge::Zcdp(rho) | Charge::ApproximateZcdp { rho, .. } => sum + rho,
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

    fn approximate(epsilon: &str, delta: &str) -> Charge {
        Charge::Approximate { epsilon: number(epsilon), delta: number(delta) }
    }

    fn approximate_zcdp(rho: &str, delta: &str) -> Charge {
        Charge::ApproximateZcdp { rho: number(rho), delta: number(delta) }
    }

    #[test]
    fn deltas_add() {
        assert_eq!(compose(&[approximate("0.1", "1e-7"), approximate("0.2", "2e-7"), pure("1")]), approximate("1.3", "3e-7"));
        assert_eq!(compose(&[approximate("0.2", "1e-7"), zcdp("0.01")]), approximate_zcdp("0.03", "1e-7"));
        assert_eq!(compose(&[approximate_zcdp("0.2", "1e-7"), approximate("1", "1e-7")]), approximate_zcdp("0.7", "2e-7"));
        assert_eq!(compose(&[approximate("0.1", "0")]), pure("0.1"));
    }

    #[test]
    fn deltas_have_their_own_limit() {
        let limit = Budget::parse("1", "2e-6").unwrap().with_keys_delta(number("1e-6")).unwrap();
        assert!(admits(&limit, &[approximate("0.5", "4e-7"), approximate("0.5", "6e-7")]));
        assert!(!admits(&limit, &[approximate("0.5", "4e-7"), approximate("0.5", "6.1e-7")]));
        assert!(!admits(&limit, &[approximate("0.5", "4e-7"), approximate("0.6", "6e-7")]));
        // The rest is for noise, and is not more if no key was published.
        assert!(admits(&limit, &[zcdp("0.0243"), approximate_zcdp("0", "1e-6")]));
        assert!(admits(&limit, &[zcdp("0.0238"), approximate("0.03", "1e-6")]));
        assert!(!admits(&limit, &[zcdp("0.0238"), approximate("0.04", "1e-6")]));
        assert!(!admits(&limit, &[zcdp("0.0244")]) && !admits(&limit, &[approximate_zcdp("0.01", "1.1e-6")]));
        // A limit that sets nothing aside admits none.
        let plain = Budget::parse("1", "2e-6").unwrap();
        assert!(!admits(&plain, &[approximate("0.1", "1e-30")]) && admits(&plain, &[approximate("0.1", "0")]));
        for charge in [approximate("0.1", "1e-7"), approximate_zcdp("0.001", "1e-7")] {
            let minus = Charge::Approximate { epsilon: number("0.1"), delta: -number("1e-7") };
            assert!(admits(&limit, std::slice::from_ref(&charge)) && !admits(&limit, &[charge, minus]));
        }
        let minus = Charge::ApproximateZcdp { rho: -number("0.1"), delta: number("0") };
        assert!(!admits(&limit, &[minus]));
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
}
