//! How wide one noise is: the margin that it exceeds with the probability of a tail, and its standard deviation. Each distribution
//! has its functions here, and nowhere else.

/// The discrete Laplace distribution gives `x` the probability (1 - q) / (1 + q) q^|x| with q = exp(-1/scale), `[CKS20]`.
/// Summing the geometric tails, P(|X| > h) = 2 q^(h+1) / (1 + q): the least whole h for which that is at most `tail`.
pub fn laplace_margin(scale: f64, tail: f64) -> f64 {
    let q = (-scale.recip()).exp();
    let beyond = |h: f64| 2.0 * (-(h + 1.0) / scale).exp() / (1.0 + q);
    let mut h = ((2.0 / (tail * (1.0 + q))).ln() * scale - 1.0).ceil().max(0.0);
    // The logarithm may round across a whole number.
    if h > 0.0 && beyond(h - 1.0) <= tail {
        h -= 1.0;
    }
    if beyond(h) > tail { h + 1.0 } else { h }
}

/// The standard deviation of the discrete Laplace distribution: its variance is 2q / (1 - q)^2, which is 1 / (2 sinh(1 / (2 scale))^2).
pub fn laplace_deviation(scale: f64) -> f64 {
    ((0.5 / scale).sinh() * std::f64::consts::SQRT_2).recip()
}

/// The discrete Gaussian gives `x` a probability in proportion to exp(-x^2 / (2 variance)), `[CKS20]`: add them up to the least
/// whole h with P(|X| > h) at most `tail`.
///
/// Wide noise is added up on a lattice of sigma / 10 000 and rounded up by one step of it.
pub fn gaussian_margin(variance: f64, tail: f64) -> f64 {
    const FINEST: f64 = 1e8;
    if variance > FINEST {
        let step = (variance / FINEST).sqrt();
        return ((gaussian_margin(FINEST, tail) + 1.0) * step).ceil();
    }
    let enough = (1.0 - tail) * gaussian_total(variance);
    let mut sum = 1.0;
    for (x, weight) in weights(variance) {
        if sum >= enough {
            return x - 1.0;
        }
        sum += 2.0 * weight;
    }
    (40.0 * variance.sqrt()).ceil()
}

/// From this variance on, sum and integral differ by less than exp(-2 pi^2 variance) of the whole (Poisson summation).
const SMOOTH: f64 = 10.0;

fn gaussian_total(variance: f64) -> f64 {
    if variance >= SMOOTH {
        (2.0 * std::f64::consts::PI * variance).sqrt()
    } else {
        1.0 + weights(variance).map(|(_, weight)| 2.0 * weight).sum::<f64>()
    }
}

/// The standard deviation of the discrete Gaussian.
pub fn gaussian_deviation(variance: f64) -> f64 {
    if variance >= SMOOTH {
        return variance.sqrt();
    }
    let moment: f64 = weights(variance).map(|(x, weight)| 2.0 * x * x * weight).sum();
    (moment / gaussian_total(variance)).sqrt()
}

/// The unnormalised weights of 1, 2, ... up to forty standard deviations.
fn weights(variance: f64) -> impl Iterator<Item = (f64, f64)> {
    let last = (40.0 * variance.sqrt()).ceil() as u64;
    (1..=last.max(1)).map(move |x| {
        let x = x as f64;
        (x, (-x * x / (2.0 * variance)).exp())
    })
}

/// P(|Z| > z) for a normal Z and a z that is not negative, good to 1e-7 (Abramowitz and Stegun 7.1.26).
pub fn normal_tail(z: f64) -> f64 {
    let x = z / std::f64::consts::SQRT_2;
    let t = (1.0 + 0.327_591_1 * x).recip();
    let series = [0.254_829_592, -0.284_496_736, 1.421_413_741, -1.453_152_027, 1.061_405_429];
    series.iter().rev().fold(0.0, |sum, a| (sum + a) * t) * (-x * x).exp()
}

/// The z with P(|Z| <= z) = 1 - tail for a normal Z, by bisection.
pub fn normal_margin(tail: f64) -> f64 {
    let (mut low, mut high) = (0.0, 10.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if normal_tail(middle) > tail { low = middle } else { high = middle }
    }
    high
}

/// The t with P(|T| <= t) = 1 - tail for Student's T of so many degrees of freedom, three or more: that of the normal distribution
/// and its first four corrections (Abramowitz and Stegun 26.7.5), which are within a hundredth.
pub fn student_margin(freedom: f64, tail: f64) -> f64 {
    let z = normal_margin(tail);
    let corrections = [
        (z.powi(3) + z) / 4.0,
        (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0,
        (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0,
        (79.0 * z.powi(9) + 776.0 * z.powi(7) + 1482.0 * z.powi(5) - 1920.0 * z.powi(3) - 945.0 * z) / 92_160.0,
    ];
    z + corrections.iter().rev().fold(0.0, |sum, correction| (sum + correction) / freedom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_margins_are_those_of_the_tables() {
        for (tail, z) in [(0.5, 0.674_490), (0.2, 1.281_552), (0.05, 1.959_964), (0.01, 2.575_829)] {
            assert!((normal_margin(tail) - z).abs() < 1e-5, "{tail}: {}", normal_margin(tail));
        }
    }

    #[test]
    fn margins_of_few_are_those_of_the_tables() {
        for (freedom, t) in [(3.0, 3.182_446), (4.0, 2.776_445), (9.0, 2.262_157), (29.0, 2.045_230), (1e9, 1.959_964)] {
            assert!((student_margin(freedom, 0.05) / t - 1.0).abs() < 0.01, "{freedom}: {}", student_margin(freedom, 0.05));
        }
    }

    #[test]
    fn wide_discrete_noise_has_the_margins_of_its_continuous_limit() {
        for tail in [0.2, 0.05, 0.01] {
            let (laplace, gaussian) = (laplace_margin(1e4, tail) / 1e4, gaussian_margin(1e8, tail) / 1e4);
            assert!((laplace - -f64::ln(tail)).abs() < 2e-4, "{tail}: {laplace}");
            assert!((gaussian - normal_margin(tail)).abs() < 2e-4, "{tail}: {gaussian}");
        }
        assert!((laplace_deviation(1e4) / 1e4 - f64::sqrt(2.0)).abs() < 1e-6 && gaussian_deviation(1e8) == 1e4);
    }
}
