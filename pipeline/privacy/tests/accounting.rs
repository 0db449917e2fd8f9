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
use utfall_privacy::conversion::delta_of;
use utfall_privacy::rational::parse_decimal;
use utfall_privacy::{Account, Budget, Loss, Mechanism, Rational, Sensitivity};

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
        let Loss { epsilon: None, rho, .. } = mechanism.loss(Sensitivity::new(1, 1).unwrap(), &number("2")).unwrap() else {
            panic!("Gaussian noise has no epsilon")
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

/// Budget to noise: epsilon 1, delta 1e-6, sensitivity 1 needs sigma = 4.531, and not less.
#[test]
fn the_golden_sigma() {
    let account = Account::new(Budget::parse("1", "1e-6").unwrap());
    let one = Sensitivity::new(1, 1).unwrap();
    let admits = |variance| account.admits(&[Mechanism::DiscreteGaussian { variance }.loss(one, &account.order).unwrap()]);
    let (mut low, mut high) = (number("1"), number("100"));
    for _ in 0..60 {
        let middle = (&low + &high) / number("2");
        if admits(middle.clone()) { high = middle } else { low = middle }
    }
    assert!((float(&high).sqrt() - 4.531).abs() < 5e-4, "{high}");
}

/// The account of the demonstration: ten releases of some seventy tables with Laplace noise, whose epsilons add up to 15. By
/// divergences they fit into 11, and sixteen of them where one fitted before.
#[test]
fn many_tables_cost_less_than_the_sum_of_their_epsilons() {
    let release = |account: &Account| -> Vec<Loss> {
        let table = Mechanism::DiscreteLaplace { scale: number("14") };
        (0..7).map(|_| table.loss(Sensitivity::new(3, 9).unwrap(), &account.order).unwrap()).collect()
    };
    let fit = |limit: &str| {
        let mut account = Account::new(Budget::parse(limit, "1e-5").unwrap());
        while account.admits(&release(&account)) && account.releases() < 100 {
            account.pay(&release(&account));
        }
        account.releases()
    };
    assert!(fit("15") >= 17, "{}: the epsilons of ten add up to 15", fit("15"));
    assert!(fit("11") >= 10, "{}", fit("11"));
}

/// What decides whether an analyst may go on.
type Gate = fn(&Transcript, &Loss) -> bool;

/// One randomised response of this epsilon, and how it is charged.
#[derive(Clone, Copy)]
enum Move {
    Pure(&'static str),
    /// By its exact divergence: discrete Laplace noise at sensitivity 1 is no more than a randomised response.
    Laplace(&'static str),
    Zcdp(&'static str),
    /// With probability delta it shows which neighbour is there instead: the worst that (epsilon, delta) allows.
    Approximate(&'static str, &'static str),
}

/// The transcript so far: its account, and its probability on either neighbour.
struct Transcript {
    account: Account,
    /// What was asked, for gates that do not look at the account.
    asked: Vec<Loss>,
    here: f64,
    there: f64,
}

/// Sums max(0, P - e^epsilon P') over all transcripts of an analyst who chooses each query by the answers so far.
///
/// The analyst presses on where the answers favour the true neighbour and otherwise stops: what adaptivity can win.
fn true_delta(gate: Gate, menu: &[Move], now: &Transcript, depth: u32) -> f64 {
    let order = &now.account.order;
    let stop = (now.here - float(now.account.limit().epsilon()).exp() * now.there).max(0.0);
    if depth == 0 {
        return stop;
    }
    let mut worst = stop;
    for next in menu {
        let (e, delta, loss) = match next {
            Move::Pure(epsilon) => (number(epsilon), 0.0, Loss::pure(number(epsilon), order)),
            Move::Laplace(epsilon) => {
                let noise = Mechanism::DiscreteLaplace { scale: number("1") / number(epsilon) };
                (number(epsilon), 0.0, noise.loss(Sensitivity::new(1, 1).unwrap(), order).unwrap())
            }
            Move::Zcdp(epsilon) => {
                (number(epsilon), 0.0, Loss::new(None, number(epsilon) * number(epsilon) / number("2"), order))
            }
            Move::Approximate(epsilon, delta) => {
                let loss = Loss { delta: number(delta), ..Loss::pure(number(epsilon), order) };
                (number(epsilon), float(&number(delta)), loss)
            }
        };
        if !gate(now, &loss) {
            continue;
        }
        let mut account = now.account.clone();
        account.pay(std::slice::from_ref(&loss));
        let asked = [now.asked.as_slice(), &[loss]].concat();
        let likely = (1.0 - delta) * float(&e).exp() / (1.0 + float(&e).exp());
        let unlikely = 1.0 - delta - likely;
        let answer = |here: f64, there: f64| {
            let (account, asked) = (account.clone(), asked.clone());
            Transcript { account, asked, here: now.here * here, there: now.there * there }
        };
        let answers = [answer(likely, unlikely), answer(unlikely, likely)];
        let shown = delta * now.here;
        worst = worst.max(shown + answers.iter().map(|next| true_delta(gate, menu, next, depth - 1)).sum::<f64>());
    }
    worst
}

fn begin(limit: &Budget) -> Transcript {
    Transcript { account: Account::new(limit.clone()), asked: Vec::new(), here: 1.0, there: 1.0 }
}

fn admits(now: &Transcript, loss: &Loss) -> bool {
    now.account.admits(std::slice::from_ref(loss))
}

/// Whether the limit of a transcript would admit a loss if these were all that was asked before.
fn admits_after(now: &Transcript, before: impl Iterator<Item = Loss>, loss: &Loss) -> bool {
    let mut account = Account::new(now.account.limit().clone());
    before.for_each(|loss| account.pay(&[loss]));
    account.admits(std::slice::from_ref(loss))
}

/// The best adaptive strategy over a menu of mechanisms, found by exhaustion, never exceeds the limit.
#[test]
fn no_adaptive_strategy_beats_the_gate() {
    for (epsilon, delta) in [("1", "0.05"), ("0.6", "0.02"), ("1.2", "0"), ("0.5", "0.2")] {
        let limit = Budget::parse(epsilon, delta).unwrap();
        let menu = [Move::Pure("0.3"), Move::Laplace("0.6"), Move::Zcdp("0.4")];
        let truth = true_delta(admits, &menu, &begin(&limit), 5);
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
        let truth = true_delta(admits, &menu, &begin(&limit), 5);
        assert!(truth <= float(limit.delta()) + 1e-12, "epsilon {epsilon}: {truth} against {delta}");
        assert!(truth > float(limit.keys_delta()) * 0.7, "epsilon {epsilon}: the strategies are not idle: {truth}");
    }
}

/// The same where a delta is set aside for Gaussian noise by its share: both tests are open, and neither is beaten.
#[test]
fn no_adaptive_strategy_beats_the_gate_of_shares() {
    for (epsilon, delta, basic) in [("1", "0.1", "0.05"), ("0.8", "0.05", "0.01"), ("1.5", "0.02", "0.01"), ("0.6", "0.2", "0.1")]
    {
        let limit = Budget::parse(epsilon, delta).unwrap().with_basic_delta(number(basic)).unwrap();
        let menu = [Move::Pure("0.5"), Move::Laplace("0.3"), Move::Zcdp("0.2"), Move::Zcdp("0.4")];
        let truth = true_delta(admits, &menu, &begin(&limit), 5);
        assert!(truth <= float(limit.delta()) + 1e-12, "epsilon {epsilon}: {truth} against {delta}");
    }
    // What no epsilon bounds, by the share of what is set aside.
    let limit = Budget::parse("1", "0.1").unwrap().with_basic_delta(number("0.1")).unwrap();
    let mut account = Account::new(limit);
    while account.admits(&[Loss::new(None, number("0.001"), &account.order)]) {
        account.pay(&[Loss::new(None, number("0.001"), &account.order)]);
    }
    assert!((2..200).contains(&account.releases()), "{}", account.releases());
}

/// The test can fail: gates with the mistakes that gates make are beaten.
#[test]
fn a_wrong_gate_is_beaten() {
    let limit = Budget::parse("1", "0.05").unwrap();
    let menu = [Move::Pure("1"), Move::Zcdp("0.4")];
    assert!(true_delta(admits, &menu, &begin(&limit), 5) <= 0.05);
    let forgets_the_other_kind: Gate = |now, loss| {
        let same = |other: &&Loss| other.epsilon.is_some() == loss.epsilon.is_some();
        admits_after(now, now.asked.iter().filter(same).cloned(), loss)
    };
    assert!(true_delta(forgets_the_other_kind, &menu, &begin(&limit), 5) > 0.05);
    let looks_at_the_last_only: Gate = |now, loss| admits_after(now, std::iter::empty(), loss);
    assert!(true_delta(looks_at_the_last_only, &menu, &begin(&limit), 5) > 0.05);
    // Deltas that are each below what is set aside, but not together; and deltas that are forgotten.
    let limit = Budget::parse("1", "0.05").unwrap().with_keys_delta(number("0.05")).unwrap();
    let menu = [Move::Approximate("0.2", "0.03")];
    assert!(true_delta(admits, &menu, &begin(&limit), 5) <= 0.05);
    assert!(true_delta(looks_at_the_last_only, &menu, &begin(&limit), 5) > 0.05);
    let forgets_delta: Gate = |now, loss| {
        let without = |loss: &Loss| Loss { delta: number("0"), ..loss.clone() };
        admits_after(now, now.asked.iter().map(without), &without(loss))
    };
    assert!(true_delta(forgets_delta, &menu, &begin(&limit), 5) > 0.05);
}
