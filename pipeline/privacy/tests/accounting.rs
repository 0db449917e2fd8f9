//! The accountant against brute force: exact losses of small worlds, summed over every outcome.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    reason = "tests say what they expect, and fail by panicking"
)]

use num_traits::ToPrimitive;
use utfall_privacy::accountant::admits;
use utfall_privacy::conversion::{delta_of, rho_for};
use utfall_privacy::rational::{parse_decimal, round_up};
use utfall_privacy::{Budget, Charge, Mechanism, Rational, Sensitivity};

fn number(text: &str) -> Rational {
    parse_decimal(text).unwrap()
}

fn float(number: &Rational) -> f64 {
    number.to_f64().unwrap()
}

/// The true delta of the discrete Gaussian, summed over the integers, lies below the one that is charged.
#[test]
fn the_discrete_gaussian_costs_at_most_what_is_charged() {
    for (variance, epsilon) in [("20.529", "1"), ("20.529", "0.5"), ("2", "1"), ("1/2", "3"), ("400", "0.2")] {
        let mechanism = Mechanism::DiscreteGaussian { variance: number(variance) };
        let Charge::Zcdp(rho) = mechanism.charge(Sensitivity::new(1, 1).unwrap()).unwrap() else {
            panic!("a Gaussian is charged in zCDP")
        };
        let (sigma2, e) = (float(&number(variance)), float(&number(epsilon)));
        let weight = |x: i64| (-(x as f64).powi(2) / (2.0 * sigma2)).exp();
        let edge = (40.0 * sigma2.sqrt()) as i64 + 10;
        let total: f64 = (-edge..=edge).map(weight).sum();
        let truth: f64 = (-edge..=edge).map(|x| (weight(x) - e.exp() * weight(x + 1)).max(0.0) / total).sum();
        let charged = float(&delta_of(&rho, &number(epsilon)));
        assert!(truth <= charged, "variance {variance}, epsilon {epsilon}: {truth} against {charged}");
        assert!(charged < 20.0 * truth.max(1e-300), "and the bound is not idle: {truth} against {charged}");
    }
}

/// Budget to noise and back: epsilon 1, delta 1e-6, sensitivity 1 needs sigma = 4.531, and not less.
#[test]
fn the_golden_sigma() {
    let limit = Budget::parse("1", "1e-6").unwrap();
    let rho = rho_for(&limit);
    let variance = round_up(&(number("1") / (number("2") * &rho)), 1_000_000);
    assert!((float(&variance).sqrt() - 4.531).abs() < 5e-4, "{variance}");
    let one = Sensitivity::new(1, 1).unwrap();
    let charge = |variance| Mechanism::DiscreteGaussian { variance }.charge(one).unwrap();
    assert!(admits(&limit, &[charge(variance.clone())]));
    assert!(!admits(&limit, &[charge(variance - number("1e-5"))]));
}

/// What decides whether an analyst may go on.
type Gate = fn(&Budget, &[Charge]) -> bool;

/// One randomised response of this epsilon, and how it is charged.
#[derive(Clone, Copy)]
enum Move {
    Pure(&'static str),
    Zcdp(&'static str),
    /// With probability delta it shows which neighbour is there instead: the worst that (epsilon, delta) allows.
    Approximate(&'static str, &'static str),
}

/// The transcript so far: its charges, and its probability on either neighbour.
struct Transcript {
    charges: Vec<Charge>,
    here: f64,
    there: f64,
}

/// Sums max(0, P - e^epsilon P') over all transcripts of an analyst who chooses each query by the answers so far.
///
/// The analyst presses on where the answers favour the true neighbour and otherwise stops: what adaptivity can win.
fn true_delta(limit: &Budget, gate: Gate, menu: &[Move], now: &Transcript, depth: u32) -> f64 {
    let stop = (now.here - float(limit.epsilon()).exp() * now.there).max(0.0);
    if depth == 0 {
        return stop;
    }
    let mut worst = stop;
    for next in menu {
        let (e, delta, charge) = match next {
            Move::Pure(epsilon) => (number(epsilon), 0.0, Charge::Pure(number(epsilon))),
            Move::Zcdp(epsilon) => (number(epsilon), 0.0, Charge::Zcdp(number(epsilon) * number(epsilon) / number("2"))),
            Move::Approximate(epsilon, delta) => {
                let charge = Charge::Approximate { epsilon: number(epsilon), delta: number(delta) };
                (number(epsilon), float(&number(delta)), charge)
            }
        };
        let charges = [now.charges.clone(), vec![charge]].concat();
        if !gate(limit, &charges) {
            continue;
        }
        let likely = (1.0 - delta) * float(&e).exp() / (1.0 + float(&e).exp());
        let unlikely = 1.0 - delta - likely;
        let answer =
            |here: f64, there: f64| Transcript { charges: charges.clone(), here: now.here * here, there: now.there * there };
        let answers = [answer(likely, unlikely), answer(unlikely, likely)];
        let shown = delta * now.here;
        worst = worst.max(shown + answers.iter().map(|next| true_delta(limit, gate, menu, next, depth - 1)).sum::<f64>());
    }
    worst
}

fn begin() -> Transcript {
    Transcript { charges: vec![], here: 1.0, there: 1.0 }
}

/// The best adaptive strategy over a menu of mechanisms, found by exhaustion, never exceeds the limit.
#[test]
fn no_adaptive_strategy_beats_the_gate() {
    for (epsilon, delta) in [("1", "0.05"), ("0.6", "0.02"), ("1.2", "0"), ("0.5", "0.2")] {
        let limit = Budget::parse(epsilon, delta).unwrap();
        let menu = [Move::Pure("0.3"), Move::Pure("0.6"), Move::Zcdp("0.4")];
        let truth = true_delta(&limit, admits, &menu, &begin(), 5);
        assert!(truth <= float(limit.delta()) + 1e-12, "epsilon {epsilon}: {truth} against {delta}");
    }
}

/// The same with tables whose keys are private: what is set aside for them is spent to the end, and not exceeded.
#[test]
fn no_adaptive_strategy_beats_the_gate_of_deltas() {
    for (epsilon, delta, keys) in [("1", "0.1", "0.05"), ("0.6", "0.04", "0.02"), ("1.2", "0.05", "0.05"), ("0.5", "0.2", "0.01")]
    {
        let limit = Budget::parse(epsilon, delta).unwrap().with_keys_delta(number(keys)).unwrap();
        let menu = [Move::Pure("0.3"), Move::Zcdp("0.4"), Move::Approximate("0.3", "0.01"), Move::Approximate("0.2", "0.005")];
        let truth = true_delta(&limit, admits, &menu, &begin(), 5);
        assert!(truth <= float(limit.delta()) + 1e-12, "epsilon {epsilon}: {truth} against {delta}");
        assert!(truth > float(limit.keys_delta()) * 0.7, "epsilon {epsilon}: the strategies are not idle: {truth}");
    }
}

/// The test can fail: gates with the mistakes that gates make are beaten.
#[test]
fn a_wrong_gate_is_beaten() {
    let limit = Budget::parse("1", "0.05").unwrap();
    let menu = [Move::Pure("1"), Move::Zcdp("0.4")];
    assert!(true_delta(&limit, admits, &menu, &begin(), 5) <= 0.05);
    let forgets_the_other_kind: Gate = |limit, charges| {
        let kind = |pure: bool| -> Vec<Charge> {
            charges.iter().filter(|charge| matches!(charge, Charge::Pure(_)) == pure).cloned().collect()
        };
        admits(limit, &kind(true)) && admits(limit, &kind(false))
    };
    assert!(true_delta(&limit, forgets_the_other_kind, &menu, &begin(), 5) > 0.05);
    let looks_at_the_last_only: Gate = |limit, charges| admits(limit, &charges[charges.len() - 1..]);
    assert!(true_delta(&limit, looks_at_the_last_only, &menu, &begin(), 5) > 0.05);
    // Deltas that are each below what is set aside, but not together; and deltas that are forgotten.
    let limit = Budget::parse("1", "0.05").unwrap().with_keys_delta(number("0.05")).unwrap();
    let menu = [Move::Approximate("0.2", "0.03")];
    assert!(true_delta(&limit, admits, &menu, &begin(), 5) <= 0.05);
    assert!(true_delta(&limit, looks_at_the_last_only, &menu, &begin(), 5) > 0.05);
    let forgets_delta: Gate = |limit, charges| {
        let without = |charge: &Charge| match charge {
            Charge::Approximate { epsilon, .. } => Charge::Pure(epsilon.clone()),
            Charge::ApproximateZcdp { rho, .. } => Charge::Zcdp(rho.clone()),
            Charge::Pure(_) | Charge::Zcdp(_) => charge.clone(),
        };
        admits(limit, &charges.iter().map(without).collect::<Vec<_>>())
    };
    assert!(true_delta(&limit, forgets_delta, &menu, &begin(), 5) > 0.05);
}
