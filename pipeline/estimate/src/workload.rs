//! Which share of the budget each table gets, so that the error after reconciliation is least.
//!
//! Looks at public sizes only: how many places and codes there are, how far one person moves each table. What it chooses is
//! checked by the trusted side like any other choice; a bad choice costs accuracy, not privacy.
//!
//! *Shares*: with Laplace noise a table with share x of epsilon has variance 2 (l1 / (x epsilon))^2, with Gaussian noise and
//! share x of rho it has l2^2 / (2 x rho), and the shares add up to one. The error is minimised by the fixed point of
//! x_i = x_i g_i / sum x_j g_j, g = - d error / d x, which is the condition of Karush, Kuhn and Tucker: damped, this is the
//! multiplicative algorithm of optimal design (Silvey, Titterington and Torsney 1978). With Gaussian noise the problem is
//! convex and the point is the optimum. With Laplace noise it is not: what others imply is often best left with next to
//! nothing, so the search begins at several places and the best end is taken. Every table keeps a small share, so that each
//! is measured.

use std::collections::BTreeSet;

use crate::family::{Family, Part};

/// What is minimised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Objective {
    /// The sum over tables of the mean variance of their cells.
    #[default]
    Tables,
    /// The sum of the variances of all cells.
    Cells,
    /// The largest variance of a cell.
    Largest,
}

/// The noise of a release.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NoiseBudget {
    /// Discrete Laplace; the whole epsilon.
    Laplace(f64),
    /// Discrete Gaussian; the whole rho.
    Gaussian(f64),
}

/// A measurement whose share is to be chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    /// How far one person moves it, in L1.
    pub l1: f64,
    /// And in L2, squared.
    pub l2_squared: f64,
    /// Whether it is drawn with a pure epsilon whatever the noise of the others: a selection, private keys.
    pub pure: bool,
    /// Whether it is measured; else it follows from others of its family, which have all its axes at its level or deeper, and has
    /// no share.
    pub is_measured: bool,
}

/// Everything that shares one budget.
#[derive(Debug, Clone, PartialEq)]
pub struct Workload {
    /// The measurements.
    pub units: Vec<Unit>,
    /// The families whose parts they are; each is in one.
    pub families: Vec<Family>,
}

/// A choice of shares, and what error it leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// Each unit's share.
    pub shares: Vec<f64>,
    /// Each unit's precision: one over its variance.
    pub precisions: Vec<f64>,
    /// What was minimised, at its least.
    pub error: f64,
}

/// No table gets less.
pub(crate) const LEAST: f64 = 2e-4;
/// So many steps at most; ten times fewer are usual.
const STEPS: usize = 400;
/// So many tables are begun with at most, each almost alone.
const MOST_BEGINNINGS: usize = 12;
/// Rounds of weighing the largest variances up.
const ROUNDS: usize = 40;

impl NoiseBudget {
    /// The precision of a unit with this share.
    pub fn precision(self, unit: &Unit, share: f64) -> f64 {
        match self {
            _ if !unit.is_measured => 0.0,
            Self::Laplace(epsilon) => (share * epsilon / unit.l1).powi(2) / 2.0,
            Self::Gaussian(rho) if unit.pure => share * rho / unit.l1.powi(2),
            Self::Gaussian(rho) => 2.0 * share * rho / unit.l2_squared,
        }
    }

    /// The damping that makes a single table converge at once: the error goes with the share to the power -1 or -2.
    pub(crate) fn damping(self) -> f64 {
        match self {
            Self::Laplace(_) => 1.0 / 3.0,
            Self::Gaussian(_) => 0.5,
        }
    }
}

impl Workload {
    /// Whether every unit that is not measured is a sum of one that is, of its family.
    pub fn is_covered(&self) -> bool {
        let is_measured = |unit: usize| self.units.get(unit).is_some_and(|unit| unit.is_measured);
        let covered = |family: &Family| {
            family.parts.iter().filter(|part| !is_measured(part.unit)).all(|part| {
                let covers = |other: &&Part| is_measured(other.unit) && part.axes & !other.axes == 0 && part.level <= other.level;
                family.parts.iter().any(|other| covers(&other))
            })
        };
        let has_family = |unit: usize| self.families.iter().flat_map(|family| &family.parts).any(|part| part.unit == unit);
        self.families.iter().all(covered) && (0..self.units.len()).all(has_family)
    }

    /// Equal shares of what is measured, where something does not follow from it: no shares are better than others, and the error is
    /// without bound.
    pub fn unplanned(&self) -> Planned {
        let measured = self.units.iter().filter(|unit| unit.is_measured).count();
        let share = |unit: &Unit| if unit.is_measured { 1.0 / measured as f64 } else { 0.0 };
        let shares: Vec<f64> = self.units.iter().map(share).collect();
        Planned { precisions: vec![0.0; shares.len()], shares, error: f64::INFINITY }
    }

    /// The shares for a kind of noise.
    pub fn plan(&self, noise: NoiseBudget, objective: Objective) -> Planned {
        self.plan_from(noise, objective, None).0
    }

    /// The shares for a kind of noise, begun with these too; and how much a cell of each part mattered for them.
    pub(crate) fn plan_from(&self, noise: NoiseBudget, objective: Objective, begin: Option<&[f64]>) -> (Planned, Vec<Vec<f64>>) {
        let mut weights: Vec<Vec<f64>> = self.families.iter().map(|family| start(family, objective)).collect();
        let mut planned = self.minimise(noise, &weights, begin);
        if objective != Objective::Largest {
            return (planned, weights);
        }
        // Weighs up the tables with the largest variances until none can be lowered without raising another.
        let mut best: Option<(Planned, Vec<Vec<f64>>)> = None;
        for _ in 0..ROUNDS {
            let largest: Vec<Vec<f64>> = self.families.iter().map(|f| largest(f, &planned.precisions)).collect();
            planned.error = largest.iter().flatten().copied().fold(0.0, f64::max);
            let weighed = weights.clone();
            for (weights, largest) in weights.iter_mut().zip(&largest) {
                for (weight, largest) in weights.iter_mut().zip(largest) {
                    *weight *= (largest / planned.error).sqrt();
                }
            }
            let next = self.minimise(noise, &weights, begin);
            best = best.filter(|(best, _)| best.error <= planned.error).or(Some((planned, weighed)));
            planned = next;
        }
        best.unwrap_or((planned, weights))
    }

    /// The shares that are given; the error by the objective.
    pub fn with_shares(&self, noise: NoiseBudget, objective: Objective, shares: Vec<f64>) -> Planned {
        let precisions: Vec<f64> = self.units.iter().zip(&shares).map(|(unit, &x)| noise.precision(unit, x)).collect();
        let error = match objective {
            Objective::Largest => self.families.iter().flat_map(|f| largest(f, &precisions)).fold(0.0, f64::max),
            Objective::Tables | Objective::Cells => {
                self.families.iter().map(|f| error(f, &start(f, objective), &precisions, None)).sum()
            }
        };
        Planned { shares, precisions, error }
    }

    /// The best of what is reached from several beginnings: all alike, by their cells, each table of which others are sums
    /// almost alone, and what is given.
    fn minimise(&self, noise: NoiseBudget, weights: &[Vec<f64>], begin: Option<&[f64]>) -> Planned {
        let (alike, cells) = (vec![1.0; self.units.len()], self.cells());
        let mut begins = vec![
            alike,
            cells.iter().map(|n| n.sqrt()).collect(),
            cells.clone(),
            cells.iter().map(|n| n.sqrt().recip()).collect(),
        ];
        if matches!(noise, NoiseBudget::Laplace(_)) {
            let of = |unit: usize| (0..self.units.len()).map(|other| if other == unit { 1.0 } else { 0.02 }).collect();
            let finest = self.families.iter().flat_map(finest).filter(|unit| self.units[*unit].is_measured);
            begins.extend(finest.take(MOST_BEGINNINGS).map(of));
        }
        begins.extend(begin.map(<[f64]>::to_vec));
        let ends = begins.into_iter().map(|begin| self.descend(noise, weights, begin));
        let best = ends.min_by(|a, b| a.error.total_cmp(&b.error));
        best.unwrap_or_else(|| self.descend(noise, weights, vec![1.0; self.units.len()]))
    }

    /// The number of cells of each unit.
    fn cells(&self) -> Vec<f64> {
        let mut cells = vec![0.0; self.units.len()];
        for (family, part) in self.families.iter().flat_map(|family| family.parts.iter().map(move |part| (family, part))) {
            cells[part.unit] += family.cells(part);
        }
        cells
    }

    fn descend(&self, noise: NoiseBudget, weights: &[Vec<f64>], mut shares: Vec<f64>) -> Planned {
        self.settle(&mut shares);
        let mut planned = Planned { shares: Vec::new(), precisions: Vec::new(), error: f64::INFINITY };
        for _ in 0..STEPS {
            let precisions: Vec<f64> = self.units.iter().zip(&shares).map(|(unit, &x)| noise.precision(unit, x)).collect();
            let mut slopes = vec![0.0; self.units.len()];
            let all = self.families.iter().zip(weights);
            let error: f64 = all.map(|(family, weights)| error(family, weights, &precisions, Some(&mut slopes))).sum();
            let moved = planned.error - error;
            if error < planned.error {
                planned = Planned { shares: shares.clone(), precisions: precisions.clone(), error };
            }
            if moved.abs() < 1e-7 * error {
                break;
            }
            let power = if matches!(noise, NoiseBudget::Laplace(_)) { 2.0 } else { 1.0 };
            for ((share, slope), precision) in shares.iter_mut().zip(&slopes).zip(&precisions) {
                // x g = power * precision * (- d error / d precision), and the next x is x g^damping.
                let pull = (power * precision * slope).max(0.0);
                *share = share.powf(1.0 - noise.damping()) * pull.powf(noise.damping());
            }
            self.settle(&mut shares);
        }
        planned
    }

    /// Makes the shares of what is measured add up to one, none below the least; what is not measured has none.
    fn settle(&self, shares: &mut [f64]) {
        let measured = self.units.iter().filter(|unit| unit.is_measured).count();
        let floor = LEAST.min(0.5 / measured as f64);
        let least = |unit: &Unit| if unit.is_measured { floor } else { 0.0 };
        shares.iter_mut().zip(&self.units).filter(|(_, unit)| !unit.is_measured).for_each(|(x, _)| *x = 0.0);
        for _ in 0..4 {
            let total: f64 = shares.iter().sum();
            let scale = if total > 0.0 { total.recip() } else { 0.0 };
            shares.iter_mut().zip(&self.units).for_each(|(x, unit)| *x = (*x * scale).max(least(unit)));
        }
        let total: f64 = shares.iter().sum();
        shares.iter_mut().for_each(|x| *x /= total);
    }
}

/// The units of the tables of a family of which others are sums, and which are sums of none.
fn finest(family: &Family) -> BTreeSet<usize> {
    let is_sum = |a: &Part, b: &Part| a.level <= b.level && a.axes & !b.axes == 0 && (a.level, a.axes) != (b.level, b.axes);
    let parts = || family.parts.iter();
    let found = parts().filter(|part| parts().any(|other| is_sum(other, part)) && !parts().any(|other| is_sum(part, other)));
    found.map(|part| part.unit).collect()
}

/// How much a cell of each part matters at first.
pub(crate) fn start(family: &Family, objective: Objective) -> Vec<f64> {
    let weight = |part: &Part| match objective {
        Objective::Tables | Objective::Largest => part.weight / family.cells(part),
        Objective::Cells => part.weight,
    };
    family.parts.iter().map(weight).collect()
}

/// The weighted sum of the variances of all cells of a family, and how fast each unit's precision lowers it.
fn error(family: &Family, weights: &[f64], units: &[f64], mut slopes: Option<&mut Vec<f64>>) -> f64 {
    let mut total = 0.0;
    for set in family.sets() {
        let having = || family.parts.iter().zip(weights).filter(|(part, _)| set & !part.axes == 0);
        let mut matters = vec![0.0; family.tree.depth()];
        for (part, weight) in having() {
            matters[part.level] += weight * family.fold(part.axes) * family.contrasts(set);
        }
        // Only measured, to tell of others.
        if matters.iter().all(|matters| *matters == 0.0) {
            continue;
        }
        let at = |precision: &[f64]| -> f64 {
            let Some(solved) = family.tree.solve(precision) else { return 0.0 };
            let paths = family.tree.paths().iter().zip(&solved.variance).filter(|(path, _)| path.level <= solved.deepest);
            paths.map(|(path, variance)| matters[path.level] * path.total as f64 * variance).sum()
        };
        let mut precision = family.precisions(set, units);
        total += at(&precision);
        let Some(slopes) = slopes.as_deref_mut() else { continue };
        let slope: Vec<f64> = (0..precision.len()).map(|level| slope(&at, &mut precision, level)).collect();
        for (part, _) in having() {
            slopes[part.unit] -= slope[part.level] * family.fold(part.axes);
        }
    }
    total
}

/// The derivative in one coordinate, by a central difference; the error is smooth where anything was measured.
fn slope(at: &dyn Fn(&[f64]) -> f64, precision: &mut [f64], level: usize) -> f64 {
    let here = precision[level];
    if here <= 0.0 {
        return 0.0;
    }
    let step = here * 1e-4;
    precision[level] = here + step;
    let above = at(precision);
    precision[level] = here - step;
    let below = at(precision);
    precision[level] = here;
    (above - below) / (2.0 * step)
}

/// The largest variance of a cell of each part, times its weight.
fn largest(family: &Family, units: &[f64]) -> Vec<f64> {
    let solved = family.solve(units);
    let one =
        |part: &Part| part.weight * family.places(part).map(|path| family.variance(&solved, part.axes, path)).fold(0.0, f64::max);
    family.parts.iter().map(one).collect()
}

#[cfg(test)]
mod tests;
