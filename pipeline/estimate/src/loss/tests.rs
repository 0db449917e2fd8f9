use utfall_ground::spending::epsilon_for;
use utfall_privacy::rational::parse_decimal;

use super::*;

fn number(text: &str) -> Rational {
    parse_decimal(text).unwrap()
}

fn measured(mechanism: Mechanism, l1: u64, l2_squared: u64, count: usize) -> Vec<(Mechanism, Sensitivity)> {
    vec![(mechanism, Sensitivity::new(l1, l2_squared).unwrap()); count]
}

/// So many discrete Gaussians that cost this rho together.
fn gaussians(rho: &str, count: usize) -> Vec<(Mechanism, Sensitivity)> {
    let variance = Rational::from_integer(count.into()) / (number(rho) * Rational::from_integer(2.into()));
    measured(Mechanism::DiscreteGaussian { variance }, 1, 1, count)
}

fn laplace(scale: &str, count: usize) -> Vec<(Mechanism, Sensitivity)> {
    measured(Mechanism::DiscreteLaplace { scale: number(scale) }, 1, 1, count)
}

fn epsilon(measurements: &[(Mechanism, Sensitivity)], delta: &str) -> f64 {
    epsilon_of_fixed_list(measurements, &number(delta)).unwrap().to_f64().unwrap()
}

#[test]
fn published_values() {
    // Total rho 0.02436: 1.000 by zCDP, 0.93 to 0.94 by the losses, however many they are.
    let zcdp = epsilon_for(&number("0.02436"), &number("1e-6")).unwrap().to_f64().unwrap();
    assert!((zcdp - 1.0).abs() < 5e-4, "{zcdp}");
    for count in [10, 50, 200] {
        let found = epsilon(&gaussians("0.02436", count), "1e-6");
        assert!((0.925..0.945).contains(&found), "{count}: {found}");
    }
    // The continuous Gaussian mechanism of sigma 5 at epsilon 1 has delta 1.754633332e-8 (Balle and Wang 2018, in closed form).
    let one = epsilon(&measured(Mechanism::DiscreteGaussian { variance: number("25") }, 1, 1, 1), "1.754633332e-8");
    assert!((one - 1.0).abs() < 2e-3, "{one}");
    // Optimal composition of ten pure mechanisms of 0.1 at delta 1e-6 (Kairouz, Oh and Viswanath 2015), worked out below.
    let ten = epsilon(&laplace("10", 10), "1e-6");
    let exact = optimal(0.1, 10, 1e-6);
    assert!(ten >= exact && ten < exact + 2e-3, "{ten} {exact}");
}

/// The least epsilon of `n` randomised responses of this epsilon, from the binomial distribution of their losses.
fn optimal(epsilon: f64, n: i32, delta: f64) -> f64 {
    let p = epsilon.exp() / (1.0 + epsilon.exp());
    let choose = |k: i32| (0..k).map(|i| f64::from(n - i) / f64::from(k - i)).product::<f64>();
    let at = |e: f64| -> f64 {
        let mass = |k: i32| choose(k) * p.powi(k) * (1.0 - p).powi(n - k);
        (0..=n).map(|k| mass(k) * (1.0 - (e - f64::from(2 * k - n) * epsilon).exp()).max(0.0)).sum()
    };
    let (mut low, mut high) = (0.0, f64::from(n) * epsilon);
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if at(middle) > delta { low = middle } else { high = middle }
    }
    high
}

/// delta of two discrete Gaussians with a shift by one, from all pairs of outcomes.
fn two_gaussians(variance: f64, epsilon: f64) -> f64 {
    let far = (12.0 * variance.sqrt()).ceil() as i64;
    let weight = |x: i64| (-(x * x) as f64 / (2.0 * variance)).exp();
    let whole: f64 = (-far..=far).map(weight).sum();
    let loss = |x: i64| (1.0 - 2.0 * x as f64) / (2.0 * variance);
    let mut sum = 0.0;
    for x in -far..=far {
        for y in -far..=far {
            let gain = 1.0 - (epsilon - loss(x) - loss(y)).exp();
            sum += weight(x) * weight(y) / whole / whole * gain.max(0.0);
        }
    }
    sum
}

#[test]
fn never_below_the_truth() {
    for variance in ["0.5", "2", "7.3", "40"] {
        let two = measured(Mechanism::DiscreteGaussian { variance: number(variance) }, 1, 1, 2);
        let losses = Losses::of(&two[0].0, two[0].1).unwrap();
        let both = losses.and(&losses).unwrap();
        for epsilon in [0.0, 0.1, 0.5, 1.0, 2.0, 5.0] {
            let (bound, exact) = (both.delta(epsilon), two_gaussians(variance.parse().unwrap(), epsilon));
            assert!(bound >= exact, "{variance} {epsilon}: {bound} {exact}");
            assert!(bound < exact * 1.01 + 1e-9, "{variance} {epsilon}: {bound} {exact}");
        }
    }
    for (scale, n) in [("2", 1), ("5", 3), ("3", 7), ("40", 60)] {
        let list = laplace(scale, n as usize);
        let each = 1.0 / scale.parse::<f64>().unwrap();
        for delta in ["1e-3", "1e-6", "1e-9"] {
            let (bound, exact) = (epsilon(&list, delta), optimal(each, n, delta.parse().unwrap()));
            assert!(bound >= exact - 1e-9, "{scale} {n} {delta}: {bound} {exact}");
            assert!(bound < exact + 3e-3, "{scale} {n} {delta}: {bound} {exact}");
        }
    }
}

#[test]
fn mixtures_and_mixed_lists() {
    let mixed = [gaussians("0.01", 5), laplace("20", 4)].concat();
    let found = epsilon(&mixed, "1e-6");
    let rho = number("0.01") + number("4") / number("800");
    let zcdp = epsilon_for(&rho, &number("1e-6")).unwrap().to_f64().unwrap();
    assert!(found < zcdp && found > epsilon(&gaussians("0.01", 5), "1e-6"), "{found} {zcdp}");
    // A mixture's own delta is never bought back.
    let mechanism = Mechanism::ThresholdedLaplace { scale: number("9"), threshold: 130 };
    let keys = measured(mechanism, 1, 1, 1);
    let own = keys[0].0.loss(keys[0].1, &Rational::from_integer(2.into())).unwrap().delta;
    assert_eq!(epsilon_of_fixed_list(&keys, &(&own / number("2"))), None);
    assert!(epsilon(&keys, "1e-3") <= 0.112);
    // What has no pair here is not told.
    let three = measured(Mechanism::DiscreteGaussian { variance: number("40") }, 3, 9, 1);
    assert_eq!(epsilon_of_fixed_list(&three, &number("1e-6")), None);
    assert_eq!(epsilon_of_fixed_list(&laplace("1", 1), &number("0")), None);
    assert_eq!(epsilon_of_fixed_list(&[], &number("1e-6")), Some(number("0")));
    // The same noise on tables of different sensitivity is not the same pair.
    let unlike = [laplace("10", 1), measured(Mechanism::DiscreteLaplace { scale: number("10") }, 5, 25, 1)].concat();
    assert!((epsilon(&unlike, "1e-9") - 0.6).abs() < 2e-3);
}

/// Charges that are chosen by earlier outputs are for the gate: it looks at no distribution of losses.
#[test]
fn the_gate_does_not_use_it() {
    let list = gaussians("0.0255", 10);
    let limit = utfall_privacy::Budget::parse("1", "1e-6").unwrap();
    let account = utfall_privacy::Account::new(limit);
    let losses: Vec<Loss> =
        list.iter().map(|(mechanism, sensitivity)| mechanism.loss(*sensitivity, &account.order).unwrap()).collect();
    assert!(epsilon(&list, "1e-6") < 1.0 && !account.admits(&losses));
}
