//! How the error of a family answers to what is measured of it.
//!
//! The error is a sum over sets of axes of a sum over the tree ([`crate::family`]); what is measured enters by the precision of
//! each set at each level alone, and each measured table adds to these in proportion to its own precision. What a table adds is
//! its *row*, made once: thousands of strategies are then weighed by sums of rows. Only sets in which something published
//! matters are looked at, so that a table of many axes costs no more than one of few.

use std::collections::BTreeMap;

use crate::family::{Axes, Family, Part};
use crate::workload::{LEAST, NoiseBudget, Unit};

/// What a table is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Shape {
    /// The level of its places.
    pub level: usize,
    /// Its axes.
    pub axes: Axes,
}

impl Shape {
    /// Whether another table is a sum of this one, or the same.
    pub(super) fn holds(self, other: Self) -> bool {
        other.level <= self.level && other.axes & !self.axes == 0
    }

    /// The coarsest table of which both are sums.
    pub(super) fn with(self, other: Self) -> Self {
        Self { level: self.level.max(other.level), axes: self.axes | other.axes }
    }
}

/// A table that may be measured, or several that share their noise.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// How far a person moves it.
    pub unit: Unit,
    /// The unit of the release that it is; none for a crossing.
    pub published: Option<usize>,
    /// What it tells of.
    pub shapes: Vec<Shape>,
    /// What it adds to the precision of each set at each level.
    row: Vec<f64>,
}

/// The error of a family as a function of what is measured.
#[derive(Debug)]
pub(super) struct Response<'a> {
    family: &'a Family,
    noise: NoiseBudget,
    sets: Vec<Axes>,
    /// Per set and level, how much a variance matters.
    matters: Vec<f64>,
}

/// How long shares are improved.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    /// So many steps at most.
    pub steps: usize,
    /// Until a step lowers the error by less than this part of it.
    pub least: f64,
}

impl<'a> Response<'a> {
    /// `weights`: how much a cell of each part matters.
    pub(super) fn new(family: &'a Family, weights: &[f64], noise: NoiseBudget) -> Self {
        let depth = family.tree.depth();
        let mut matters: BTreeMap<Axes, Vec<f64>> = BTreeMap::new();
        for (part, weight) in family.parts.iter().zip(weights).filter(|(_, weight)| **weight > 0.0) {
            let mut set = part.axes;
            loop {
                let of = weight * family.fold(part.axes) * family.contrasts(set);
                if of > 0.0 {
                    matters.entry(set).or_insert_with(|| vec![0.0; depth])[part.level] += of;
                }
                if set == 0 {
                    break;
                }
                set = (set - 1) & part.axes;
            }
        }
        let sets = matters.keys().copied().collect();
        Self { family, noise, sets, matters: matters.into_values().flatten().collect() }
    }

    /// Something that may be measured.
    pub(super) fn candidate(&self, unit: Unit, published: Option<usize>, shapes: Vec<Shape>) -> Candidate {
        let depth = self.family.tree.depth();
        let mut row = vec![0.0; self.matters.len()];
        for shape in &shapes {
            let fold = self.family.fold(shape.axes);
            for (at, _) in self.sets.iter().enumerate().filter(|(_, set)| *set & !shape.axes == 0) {
                row[at * depth + shape.level] += fold;
            }
        }
        Candidate { unit, published, shapes, row }
    }

    /// Whether shares that no small change betters are the best.
    pub(super) fn is_convex(&self) -> bool {
        matches!(self.noise, NoiseBudget::Gaussian(_))
    }

    /// The number of cells of a table.
    pub(super) fn size(&self, shape: Shape) -> usize {
        self.family.cells(&Part { level: shape.level, axes: shape.axes, unit: 0, weight: 0.0 }) as usize
    }

    /// The number of numbers in a row.
    pub(super) fn width(&self) -> usize {
        self.matters.len()
    }

    /// The error where these are measured with these precisions, and into `slopes` how fast each set's precision at each level
    /// changes it. What is not measured but matters makes it next to infinite.
    fn error(&self, measured: &[&Candidate], precisions: &[f64], slopes: &mut [f64]) -> f64 {
        let mut all = vec![0.0; self.matters.len()];
        for (candidate, precision) in measured.iter().zip(precisions) {
            all.iter_mut().zip(&candidate.row).for_each(|(all, row)| *all += precision * row);
        }
        let least = all.iter().copied().fold(0.0, f64::max) * 1e-12;
        all.iter_mut().for_each(|all| *all = all.max(least));
        let depth = self.family.tree.depth();
        let by_set = all.chunks(depth).zip(self.matters.chunks(depth)).zip(slopes.chunks_mut(depth));
        by_set
            .map(|((precision, matters), slopes)| match (precision, matters) {
                ([precision], [matters]) => {
                    slopes[0] = -matters / (precision * precision);
                    matters / precision
                }
                _ => self.family.tree.weigh(precision, matters, slopes),
            })
            .sum()
    }

    /// Improves the shares in place, by the fixed point of [`crate::workload`]; the error that they lead to, and how fast each
    /// set's precision at each level changes it.
    pub(super) fn descend(&self, measured: &[&Candidate], shares: &mut Vec<f64>, effort: Effort) -> (f64, Vec<f64>) {
        let (power, damping) = (if self.is_convex() { 1.0 } else { 2.0 }, self.noise.damping());
        let mut slopes = vec![0.0; self.matters.len()];
        let mut best: Option<(f64, Vec<f64>)> = None;
        settle(shares);
        for step in 0..=effort.steps {
            let precisions: Vec<f64> = measured.iter().zip(&*shares).map(|(of, &x)| self.noise.precision(&of.unit, x)).collect();
            let error = self.error(measured, &precisions, &mut slopes);
            let before = best.as_ref().map_or(f64::INFINITY, |best| best.0);
            if error < before {
                best = Some((error, shares.clone()));
            }
            if step == effort.steps || before - error < effort.least * error {
                break;
            }
            for ((share, of), precision) in shares.iter_mut().zip(measured).zip(&precisions) {
                let pull = power * precision * -dot(&of.row, &slopes);
                *share = share.powf(1.0 - damping) * pull.max(0.0).powf(damping);
            }
            settle(shares);
        }
        let error = best.map_or(f64::INFINITY, |(error, found)| {
            *shares = found;
            error
        });
        (error, slopes)
    }

    /// How fast a share of the budget would lower the error if precision went with it in proportion: what is gained by measuring
    /// something a little with Gaussian noise, and a hint with Laplace noise.
    pub(super) fn pull(&self, of: &Candidate, slopes: &[f64]) -> f64 {
        -self.noise.precision(&of.unit, 1.0) * dot(&of.row, slopes)
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Makes shares add up to one, none below the least.
fn settle(shares: &mut [f64]) {
    let least = LEAST.min(0.5 / shares.len() as f64);
    for _ in 0..3 {
        let total: f64 = shares.iter().sum();
        let scale = if total > 0.0 { total.recip() } else { 0.0 };
        shares.iter_mut().for_each(|x| *x = (*x * scale).max(least));
    }
    let total: f64 = shares.iter().sum();
    shares.iter_mut().for_each(|x| *x /= total);
}
