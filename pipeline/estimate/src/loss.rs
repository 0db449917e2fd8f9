//! Privacy loss distributions: what a list of mechanisms *that was fixed before the first draw* costs, more exactly than by sums.
//!
//! For neighbours with output distributions P and Q the privacy loss is L = ln P(o)/Q(o) for o drawn from P, and the pair is
//! (epsilon, delta) private with delta(epsilon) = E\[max(0, 1 - e^(epsilon - L))\] \[SMM19\]. Losses of independent mechanisms add, so
//! the distribution of their sum is a convolution. This is for display only: **it is not valid where mechanisms are chosen by
//! earlier outputs**, since then it may be another list that is the worst for each output. The gate of the ledger is
//! [`admits`](utfall_privacy::Account::admits), which uses sums alone.
//!
//! # Privacy
//! A distribution is kept as masses at whole multiples of `STEP`, and a mass at infinity. *Every step is pessimistic*: it can only raise
//! delta.
//! - *Onto the grid* (connect the dots \[DGK22\]). An outcome with loss l between the grid points a <= l <= b and mass p is split
//!   into two outcomes with losses a and b, p_a + p_b = p and p_a e^-a + p_b e^-b = p e^-l. Merging the two gives the old outcome
//!   under P and under Q, and merging is post-processing: the split pair costs at least as much, alone and in every
//!   composition.
//! - *Ends*. Masses below the grid are moved up to its least point, and those above, to infinity: raising a loss raises delta.
//! - *Rounding*. All terms are sums and products of numbers that are not negative, so that relative errors add up: less than
//!   2^-52 for each of less than 2^22 operations behind a mass, in less than 2^8 convolutions. A distribution is raised by 10^-6 of itself at
//!   the end, which is more. The share of the lower point of a split is lowered by 10^-9, far beyond the error of its quotient.
//!
//! *The pairs*. Discrete Gaussian, sensitivity one (one cell moves by one): P and Q are the distribution and the distribution shifted by one.
//! Pure epsilon: randomised response with that epsilon dominates every pair of that cost \[KOV15\]. Both are the same with P and Q
//! exchanged, so that one direction is enough. An approximate charge adds its delta at infinity.
//!
//! # Checked by
//! `loss::tests`
//!
//! Literature: \[DGK22\] V. Doroshenko, B. Ghazi, P. Kamath, R. Kumar, P. Manurangsi: *Connect the Dots: Tighter Discrete
//! Approximations of Privacy Loss Distributions*, PoPETs 2022, arXiv:2207.04380. \[SMM19\] D. Sommer, S. Meiser, E. Mohammadi:
//! *Privacy Loss Classes: The Central Limit Theorem in Differential Privacy*, PoPETs 2019.

use num_traits::{ToPrimitive, Zero};

use utfall_privacy::conversion::{float_above, float_below};
use utfall_privacy::rational::round_up;
use utfall_privacy::{Loss, Mechanism, Rational, Sensitivity};

/// The distance of two grid points.
const STEP: f64 = 5e-4;
/// A distribution reaches no further than so many grid points from zero.
const REACH: i64 = 40_000;
/// At either end, masses that are together below this are moved.
const TAIL: f64 = 1e-16;
/// A displayed epsilon is a multiple of this fraction of one.
const GRID: u64 = 10_000;
/// No more mechanisms are composed.
const MOST: usize = 100_000;

/// The distribution of a privacy loss, from above.
#[derive(Clone, Debug)]
struct Losses {
    /// The grid point of the first mass.
    low: i64,
    masses: Vec<f64>,
    infinite: f64,
}

/// The least epsilon on a grid of 10^-4 at which these mechanisms at their sensitivities, all fixed beforehand, are (epsilon, delta) private by their
/// privacy loss distributions; `None` where one of them has no pair here, or no epsilon is enough.
///
/// # Privacy
/// See the module. Gaussian noise on a table of which one person moves several cells, or one cell by more than one, has none
/// here: which of these patterns is the worst is not known.
///
/// # Checked by
/// `loss::tests::published_values`, `loss::tests::never_below_the_truth`
pub fn epsilon_of_fixed_list(list: &[(Mechanism, Sensitivity)], delta: &Rational) -> Option<Rational> {
    if list.len() > MOST || *delta <= Rational::zero() {
        return None;
    }
    // A mechanism costs what its sensitivity makes of it, so only equal pairs of the two are counted together.
    let mut kinds: Vec<(&(Mechanism, Sensitivity), usize)> = Vec::new();
    for one in list {
        match kinds.iter_mut().find(|(of, _)| *of == one) {
            Some((_, count)) => *count = count.checked_add(1)?,
            None => kinds.push((one, 1)),
        }
    }
    let mut all = Losses::nothing();
    for ((mechanism, sensitivity), count) in kinds {
        all = all.and(&Losses::of(mechanism, *sensitivity)?.times(count)?)?;
    }
    let delta = float_below(delta);
    let enough = |steps: u64| all.delta(steps as f64 / GRID as f64) <= delta;
    let (mut low, mut high) = (0_u64, (REACH as f64 * STEP * GRID as f64) as u64);
    if !enough(high) {
        return None;
    }
    while low < high {
        let middle = low.midpoint(high);
        if enough(middle) { high = middle } else { low = middle.saturating_add(1) }
    }
    Some(round_up(&Rational::new(high.into(), GRID.into()), GRID))
}

impl Losses {
    /// Of nothing.
    fn nothing() -> Self {
        Self { low: 0, masses: vec![1.0], infinite: 0.0 }
    }

    /// Of a mechanism at a sensitivity, if it has a pair.
    fn of(mechanism: &Mechanism, sensitivity: Sensitivity) -> Option<Self> {
        if let Mechanism::DiscreteGaussian { variance } = mechanism {
            let alone = sensitivity.l1() == 1 && sensitivity.l2_squared() == 1;
            return if alone { Self::gaussian(float_below(variance)) } else { None };
        }
        // In whatever order: of a loss, epsilon and delta are looked at.
        let Loss { epsilon, delta, .. } = mechanism.loss(sensitivity, &Rational::from_integer(2.into())).ok()?;
        let mut losses = Self::response(float_above(&epsilon?))?;
        losses.infinite += float_above(&delta);
        Some(losses)
    }

    /// Of randomised response.
    fn response(epsilon: f64) -> Option<Self> {
        let mut builder = Builder::default();
        let truth = epsilon.exp() / (1.0 + epsilon.exp());
        builder.add(epsilon, truth)?;
        builder.add(-epsilon, 1.0 - truth)?;
        builder.finish()
    }

    /// Of discrete Gaussian noise and a shift by one: at x the loss is (1 - 2 x) / (2 sigma^2).
    fn gaussian(variance: f64) -> Option<Self> {
        // Further out there is less than the least float; the whole is then too small, which makes each mass too large.
        let far = (39.0 * variance.sqrt()).ceil();
        if !(0.01..1e9).contains(&variance) {
            return None;
        }
        let far = far as i64;
        let weight = |x: i64| (-(x as f64) * (x as f64) / (2.0 * variance)).exp();
        let whole: f64 = (far.saturating_neg()..=far).map(weight).sum();
        let mut builder = Builder::default();
        for x in far.saturating_neg()..=far {
            builder.add((1.0 - 2.0 * x as f64) / (2.0 * variance), weight(x) / whole)?;
        }
        builder.finish()
    }

    /// Of this and another, independent of it.
    fn and(&self, other: &Self) -> Option<Self> {
        let mut masses = vec![0.0; self.masses.len().checked_add(other.masses.len())?];
        for (at, one) in self.masses.iter().enumerate().filter(|(_, mass)| **mass > 0.0) {
            for (sum, mass) in masses.iter_mut().skip(at).zip(&other.masses) {
                *sum += one * mass;
            }
        }
        let infinite = self.infinite + other.infinite - self.infinite * other.infinite;
        Some(Self { low: self.low.checked_add(other.low)?, masses, infinite }.trimmed())
    }

    /// Of so many of these, by squaring.
    fn times(&self, count: usize) -> Option<Self> {
        let (mut all, mut power, mut left) = (Self::nothing(), self.clone(), count);
        loop {
            if left & 1 == 1 {
                all = all.and(&power)?;
            }
            left >>= 1_u32;
            if left == 0 {
                return Some(all);
            }
            power = power.and(&power)?;
        }
    }

    /// Moves what is little at either end up: from below to the least point kept, from above to infinity.
    fn trimmed(mut self) -> Self {
        let mut above = 0.0;
        while let Some(last) = self.masses.last()
            && (above + last <= TAIL || self.low.saturating_add_unsigned(self.masses.len() as u64) > REACH)
        {
            above += self.masses.pop().unwrap_or_default();
        }
        self.infinite += above;
        let (mut below, mut first) = (0.0, 0_usize);
        for mass in &self.masses {
            let outside = self.low.saturating_add_unsigned(first as u64) < REACH.saturating_neg();
            if below + mass > TAIL && !outside {
                break;
            }
            below += mass;
            first = first.saturating_add(1);
        }
        self.masses.drain(..first.min(self.masses.len()));
        self.low = self.low.saturating_add_unsigned(first as u64);
        match self.masses.first_mut() {
            Some(least) => *least += below,
            None => self.infinite += below,
        }
        self
    }

    /// An upper bound of delta at an epsilon.
    fn delta(&self, epsilon: f64) -> f64 {
        let mut sum = self.infinite;
        for (mass, point) in self.masses.iter().zip(self.low..) {
            let loss = point as f64 * STEP;
            if loss > epsilon {
                sum += mass * -(epsilon - loss).exp_m1();
            }
        }
        sum * (1.0 + 1e-6)
    }
}

/// Masses on the grid, while they are added.
#[derive(Default)]
struct Builder {
    masses: std::collections::BTreeMap<i64, f64>,
    infinite: f64,
}

impl Builder {
    /// An outcome of this loss and mass, split between the grid points beside it.
    fn add(&mut self, loss: f64, mass: f64) -> Option<()> {
        let below = (loss / STEP).floor();
        if below >= REACH as f64 {
            self.infinite += mass;
            return Some(());
        }
        let below = below.max(-(REACH as f64)).to_i64()?;
        let loss = loss.max(below as f64 * STEP);
        // p_a / p = (e^-l - e^-b) / (e^-a - e^-b), with everything times e^b.
        let (to, from) = ((below.saturating_add(1)) as f64 * STEP - loss, STEP);
        let share = (to.exp_m1() / from.exp_m1() - 1e-9).clamp(0.0, 1.0);
        *self.masses.entry(below).or_default() += mass * share;
        *self.masses.entry(below.saturating_add(1)).or_default() += mass * (1.0 - share);
        Some(())
    }

    fn finish(self) -> Option<Losses> {
        let (low, high) = (*self.masses.keys().next()?, *self.masses.keys().next_back()?);
        let masses = (low..=high).map(|point| self.masses.get(&point).copied().unwrap_or_default()).collect();
        Some(Losses { low, masses, infinite: self.infinite }.trimmed())
    }
}

#[cfg(test)]
mod tests;
