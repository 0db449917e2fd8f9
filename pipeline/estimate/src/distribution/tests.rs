use super::*;

/// A factor, how many noises have it, and the weight that their distribution gives each whole number.
type Exact<'a> = (f64, usize, &'a dyn Fn(f64) -> f64);

/// The margin of a sum of discrete noises by convolution on a grid of halves.
fn exact(terms: &[Exact<'_>], tail: f64) -> f64 {
    let mut distribution = std::collections::BTreeMap::from([(0_i64, 1.0)]);
    for (factor, count, weight) in terms {
        let single: Vec<f64> = (-200..=200).map(|x| weight(f64::from(x))).collect();
        let total: f64 = single.iter().sum();
        for _ in 0..*count {
            let mut next = std::collections::BTreeMap::new();
            for (at, mass) in &distribution {
                for (x, weight) in (-200_i32..=200).zip(&single) {
                    *next.entry(at + (2.0 * factor * f64::from(x)).round() as i64).or_insert(0.0) += mass * weight / total;
                }
            }
            distribution = next.into_iter().filter(|(_, mass)| *mass > 1e-14).collect();
        }
    }
    let mut by_size: Vec<(i64, f64)> = distribution.into_iter().map(|(at, mass)| (at.abs(), mass)).collect();
    by_size.sort_by_key(|(at, _)| *at);
    let mut sum = 0.0;
    by_size
        .iter()
        .find(|(_, mass)| {
            sum += mass;
            sum >= 1.0 - tail
        })
        .map_or(0.0, |(at, _)| *at as f64 / 2.0)
}

#[test]
fn wide_noise_is_as_wide_as_it_is() {
    for scale in [1e3, 1e6, 1e9, 1e12_f64] {
        let distribution =
            Distribution::new(&[Term { unit: 0, factor: 1.0, count: 1.0 }], |_| Single::Laplace(2.0 * scale * scale));
        let exact = scale * 20.0_f64.ln();
        assert!((distribution.margin(0.05) / exact - 1.0).abs() < 0.01, "{scale}: {}", distribution.margin(0.05));
    }
}

#[test]
fn margins_are_those_of_the_convolution() {
    let laplace = |scale: f64| {
        let q = (-1.0 / scale).exp();
        Single::Laplace(2.0 * q / (1.0 - q).powi(2))
    };
    for tail in [0.05, 0.01, 0.2] {
        let terms = [Term { unit: 0, factor: 1.0, count: 2.0 }, Term { unit: 1, factor: 0.5, count: 3.0 }];
        let found = Distribution::new(&terms, |unit| if unit == 0 { laplace(3.0) } else { laplace(9.0) }).margin(tail);
        let expected = exact(&[(1.0, 2, &|x| (-x.abs() / 3.0).exp()), (0.5, 3, &|x| (-x.abs() / 9.0).exp())], tail);
        assert!((found - expected).abs() <= 0.5 + 0.02 * expected, "{tail}: {found} {expected}");
        let mixed = Distribution::new(&terms, |unit| if unit == 0 { laplace(3.0) } else { Single::Gaussian(16.0) }).margin(tail);
        let expected = exact(&[(1.0, 2, &|x| (-x.abs() / 3.0).exp()), (0.5, 3, &|x| (-x * x / 32.0).exp())], tail);
        assert!((mixed - expected).abs() <= 0.5 + 0.02 * expected, "{tail}: {mixed} {expected}");
    }
    let one = Distribution::new(&[Term { unit: 0, factor: 2.0, count: 1.0 }], |_| Single::Gaussian(400.0));
    assert!((one.margin(0.05) - 1.96 * 40.0).abs() < 0.02 * 78.4 && (one.deviation() - 40.0).abs() < 1e-9);
    assert!((one.within(40.0) - 0.6827).abs() < 1e-3);
}

/// The distribution of the sum of so many noises with these weights, by convolution: the probability of each size, from nothing on.
fn sizes(weight: &dyn Fn(f64) -> f64, reach: i32, count: usize) -> Vec<f64> {
    let single: Vec<f64> = (-reach..=reach).map(|x| weight(f64::from(x))).collect();
    let total: f64 = single.iter().sum();
    let mut sum = vec![1.0];
    for _ in 0..count {
        let mut next = vec![0.0; sum.len() + single.len() - 1];
        for (i, a) in sum.iter().enumerate() {
            single.iter().enumerate().for_each(|(j, b)| next[i + j] += a * b / total);
        }
        sum = next;
    }
    let middle = sum.len() / 2;
    (0..=middle).map(|x| if x == 0 { sum[middle] } else { sum[middle - x] + sum[middle + x] }).collect()
}

#[test]
fn whole_sums_have_the_least_whole_margin() {
    let laplace = |scale: f64| (Single::Laplace(crate::tail::laplace_deviation(scale).powi(2)), scale);
    for (single, size) in
        [laplace(0.3), laplace(1.0), laplace(3.0), laplace(9.0), (Single::Gaussian(0.4), 0.4), (Single::Gaussian(1.0), 1.0)]
            .into_iter()
            .chain([(Single::Gaussian(2.5), 2.5), (Single::Gaussian(100.0), 100.0)])
    {
        let (weight, reach): (Box<dyn Fn(f64) -> f64>, f64) = match single {
            Single::Laplace(_) => (Box::new(move |x: f64| (-x.abs() / size).exp()), 30.0 * size),
            Single::Gaussian(_) => (Box::new(move |x: f64| (-x * x / (2.0 * size)).exp()), 9.0 * size.sqrt()),
        };
        for count in [1_u8, 2, 4, 7] {
            let sizes = sizes(&weight, reach.ceil() as i32 + 8, count.into());
            for tail in [0.05, 0.2, 0.01] {
                // A rounding error in the factor, and next to nothing of another noise, as least squares leave them.
                let terms =
                    [Term { unit: 0, factor: 1.0 - 1e-13, count: count.into() }, Term { unit: 0, factor: 1e-9, count: 3.0 }];
                let margin = whole_margin(&terms, |_| single, tail);
                let within = |h: f64| sizes.iter().zip(0_i32..).filter(|(_, x)| f64::from(*x) <= h).map(|(p, _)| p).sum::<f64>();
                assert_eq!(margin, margin.floor());
                assert!(within(margin) >= 1.0 - tail - 1e-6, "{single:?} {count} {tail}: {margin} holds {}", within(margin));
                assert!(within(margin - 1.0) < 1.0 - tail + 1e-6, "{single:?} {count} {tail}: {margin} is one too wide");
            }
        }
    }
}

#[test]
fn wide_sums_are_whole_too_and_others_are_not() {
    let two = [Term { unit: 0, factor: 1.0, count: 2.0 }];
    let [narrow, wide] = [290.0_f64, 310.0]
        .map(|deviation| whole_margin(&two, |_| Single::Gaussian(deviation * deviation / 2.0), 0.05) / deviation);
    assert!((narrow - 1.96).abs() < 0.005 && (wide - 1.96).abs() < 0.015, "{narrow} {wide}");
    let half = [Term { unit: 0, factor: 0.5, count: 2.0 }];
    assert_ne!(whole_margin(&half, |_| Single::Gaussian(9.0), 0.05).fract(), 0.0);
    assert_eq!(whole_margin(&[], |_| Single::Gaussian(9.0), 0.05), 0.0);
}

#[test]
fn the_margin_is_that_of_a_whole_bisection_and_takes_fewer_looks() {
    let laplace = |scale: f64| Single::Laplace(crate::tail::laplace_deviation(scale).powi(2));
    let mut looks = 0;
    for (at, tail) in [0.5, 0.2, 0.1, 0.05, 0.01, 0.001].into_iter().enumerate() {
        for scale in [0.3, 1.0, 4.0, 60.0] {
            for share in [0.0, 0.05, 0.3, 0.5, 1.0] {
                let terms = [1.0 - share, share].map(|factor| Term { unit: usize::from(at % 2 == 0), factor, count: 1.0 });
                let single = |unit| if unit == 0 { laplace(scale) } else { Single::Gaussian(scale * scale) };
                let distribution = Distribution::new(&terms, single);
                let (mut low, mut high) = (0.0, REACH / 2.0 * distribution.deviation());
                while high - low > 1e-4 * distribution.deviation() {
                    let middle = f64::midpoint(low, high);
                    if distribution.within(middle) < 1.0 - tail { low = middle } else { high = middle }
                }
                assert_eq!(distribution.margin(tail), high + SMOOTH * distribution.deviation(), "{tail} {scale} {share}");
                let [below, above] = distribution.around(tail);
                assert!(below <= high && low <= above, "{tail} {scale} {share}");
                looks += LOOKS + ((above - below) / (high - low)).log2().ceil().max(0.0) as usize;
            }
        }
    }
    assert!(looks < 120 * 14, "{looks}, where a whole bisection takes 18 each");
}
