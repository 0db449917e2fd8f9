//! The margin of a combination of several noisy numbers, for whatever factors.
//!
//! What a statistic is computed from are two or three numbers with noises that have nothing to do with each other, and whether a
//! value of the statistic agrees with them is a question of one combination of the noises: with the value among the factors. The
//! margin of a combination is its standard deviation times a quantile that depends only on which part of the variance each noise
//! has. It is computed on a lattice of such parts, and read off in between.

use std::f64::consts::FRAC_PI_2;

use crate::distribution::Error;

/// Steps of each angle.
const STEPS: usize = 8;

/// The margins of f x + g y + h z for all factors f, g and h; of two numbers, of f x + h z.
#[derive(Debug, Clone)]
pub struct Combination {
    deviations: [f64; 3],
    /// Per step of the angle between y and z, and of the one between x and both, the margin in standard deviations.
    quantiles: Vec<Vec<f64>>,
}

impl Combination {
    /// Of two numbers, each with these noises; none where these have no width that could be told.
    pub fn two(x: &Error, z: &Error, tail: f64) -> Option<Self> {
        Self::new([x, &Error::sum(&[]), z], tail)
    }

    /// Of three.
    pub fn three(x: &Error, y: &Error, z: &Error, tail: f64) -> Option<Self> {
        Self::new([x, y, z], tail)
    }

    fn new(errors: [&Error; 3], tail: f64) -> Option<Self> {
        let deviations = errors.map(|error| error.variance().sqrt());
        if !deviations.iter().all(|deviation| *deviation < f64::INFINITY) {
            return None;
        }
        let quantile = |between: f64, beside: f64| {
            let parts = [beside.cos(), beside.sin() * between.cos(), beside.sin() * between.sin()];
            let each = parts.iter().zip(errors).zip(deviations).filter(|(_, deviation)| *deviation > 0.0);
            let sum = Error::sum(&each.map(|((part, error), deviation)| (part / deviation, error)).collect::<Vec<_>>());
            if sum.terms.is_empty() { 0.0 } else { sum.distribution().margin(tail) }
        };
        let angles = || (0..=STEPS).map(|step| FRAC_PI_2 * step as f64 / STEPS as f64);
        let row = |between: f64| angles().map(|beside| quantile(between, beside)).collect();
        let quantiles = if deviations[1] > 0.0 { angles().map(row).collect() } else { vec![row(FRAC_PI_2)] };
        Some(Self { deviations, quantiles })
    }

    /// The standard deviations of the numbers.
    pub fn deviations(&self) -> [f64; 3] {
        self.deviations
    }

    /// The margin of the combination with these factors.
    pub fn margin(&self, factors: [f64; 3]) -> f64 {
        let [x, y, z] = [0, 1, 2].map(|at: usize| factors[at].abs() * self.deviations[at]);
        let both = y.hypot(z);
        let between = if self.quantiles.len() > 1 { z.atan2(y) } else { 0.0 };
        x.hypot(both) * self.quantile(between, both.atan2(x))
    }

    /// Between the four nearest points of the lattice.
    fn quantile(&self, between: f64, beside: f64) -> f64 {
        let place = |angle: f64, last: usize| {
            let place = angle / FRAC_PI_2 * STEPS as f64;
            let before = (place.floor() as usize).min(last.saturating_sub(1));
            (before, if last == 0 { 0.0 } else { place - before as f64 })
        };
        let ((row, down), (column, along)) = (place(between, self.quantiles.len() - 1), place(beside, STEPS));
        let at = |row: usize, column: usize| self.quantiles.get(row).and_then(|row| row.get(column)).copied().unwrap_or_default();
        let in_row = |row: usize| at(row, column) * (1.0 - along) + at(row, column + 1) * along;
        if down > 0.0 { in_row(row) * (1.0 - down) + in_row(row + 1) * down } else { in_row(row) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::Single;

    #[test]
    fn a_margin_is_that_of_the_combination() {
        let [x, y, z] = [Single::Laplace(1_250.0), Single::Gaussian(49.0), Single::Laplace(18.0)].map(Error::of);
        let (two, three) = (Combination::two(&x, &z, 0.05).unwrap(), Combination::three(&x, &y, &z, 0.05).unwrap());
        let exact = |parts: &[(f64, &Error)]| Error::sum(parts).distribution().margin(0.05);
        for (f, g, h) in [(1.0, 0.0, 3.0), (1.0, 3.3, -8.7), (0.2, -4.1, 0.9), (0.0, 1.0, 1.0), (7.0, 0.0, 0.0), (0.0, 0.0, -2.0)]
        {
            let (found, exact) = (three.margin([f, g, h]), exact(&[(f, &x), (g, &y), (h, &z)]));
            assert!((found / exact - 1.0).abs() < 0.01, "{f} {g} {h}: {found} {exact}");
        }
        for mean in [0.0, 0.4, -9.0, 77.0] {
            let (found, exact) = (two.margin([1.0, 0.0, mean]), exact(&[(1.0, &x), (mean, &z)]));
            assert!((found / exact - 1.0).abs() < 0.01, "{mean}: {found} {exact}");
        }
    }

    #[test]
    fn what_has_no_noise_adds_no_margin() {
        let [some, none, odd] = [Single::Laplace(2.0), Single::Laplace(0.0), Single::Laplace(f64::NAN)].map(Error::of);
        let alone = some.distribution().margin(0.05);
        for (x, z) in [(&some, &none), (&none, &some)] {
            assert!((Combination::two(x, z, 0.05).unwrap().margin([1.0, 0.0, 1.0]) / alone - 1.0).abs() < 1e-3);
        }
        assert_eq!(Combination::three(&none, &none, &none, 0.05).unwrap().margin([1.0; 3]), 0.0);
        assert_eq!(Combination::two(&some, &some, 0.05).unwrap().margin([0.0; 3]), 0.0);
        assert!(Combination::two(&odd, &some, 0.05).is_none() && Combination::three(&some, &odd, &some, 0.05).is_none());
    }
}
